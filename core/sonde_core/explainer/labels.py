"""What numbers are called that are errors, in the languages in which people write."""

ERRORS = (
    "code|error|errno|err|erro|№|错误码|错误代码|错误|报错|代码|错误号|ошибка|ошибки|код|erreur|"
    "c[óo]digo|estado|errore|codice|fehler(?:code|nummer)?|hata|kod|오류|에러|코드|エラー|コード"
)
"""For the expressions that look for a number behind one of them."""
