"""The words in which people tell of a failure, by the idea that they stand for.

A word is one of a text's words; one with a ``*`` begins it. Words of Chinese, Japanese and Korean
stand anywhere, because those texts have no gaps between words. English comes first, then the words
of the languages in which customers write.
"""

from collections.abc import Mapping

IDEAS: Mapping[str, str] = {
    "NOT": (
        "not no never none cannot without nothing cant dont doesnt didnt wont isnt n't nor "
        "neither 不 没 无 未 не нет без nunca sin não nao sem pas sans nicht kein* ohne değil "
        "yok 없 않 안 ない ません hasn't wasn't weren't aren't shouldn't wouldn't forgot forget "
        "stopped 不能 不了 忘 n isn aren"
    ),
    "LACK": (
        "insuf* lack* shortage short ran deplet* unfunded 不足 不够 缺 недостат* нехват* хвата* "
        "falta* manque* unzureich* reicht yetersiz 부족 足り ate 不够卖 모자라 모자"
    ),
    "ENOUGH": (
        "enough sufficient* 足够 достаточн* suficiente* assez suffisan* genug genügend yeterli "
        "충분"
    ),
    "MONEY": (
        "money fund funds balance balances cash capital coins wallet usdt usdc busd btc eth bnb "
        "asset assets free 余额 资金 钱 средств* баланс* деньг* денег saldo* fondos fundos "
        "dinero dinheiro solde fonds argent guthaben geld kontostand bakiye para 잔고 잔액 자금 "
        "残高 資金 的币"
    ),
    "MARGIN": (
        "margin collateral 保证金 марж* margen margem marge teminat 증거금 증거 証拠金"
    ),
    "CLOCK": (
        "clock clocks timestamp timestamps ntp chrony timezone systemtime w32time 时钟 时间戳 "
        "系统时间 часы часов reloj relógio relogio horloge uhr 시계 時計 タイムスタンプ "
        "time_zone system_time server_time computer_time computer's_time 时间同步 服务器时间"
    ),
    "TIME": "time 时间 время времени hora heure zeit saat 시간 時間 時刻",
    "APART": (
        "desync* drift* skew* sync* unsync* resync* offset difference delta mismatch off lag* "
        "不同步 同步 误差 相差 差了 偏差 синхрон* рассинхрон* разниц* sincron* diferencia "
        "diferença désynchron* décal* abweich* senkron* fark 동기 차이 同期 ずれ seconds-off "
        "stopped сбил* geht nachgeht vorgeht falsch 差距 校准 对时 off-by"
    ),
    "BEHIND": (
        "behind slow late lagging earlier 落后 慢 отста* atrasad* retard* hinter geri 늦 遅れ "
        "lags slower"
    ),
    "AHEAD": (
        "ahead fast future 超前 快 спеш* вперед adelantad* adiantad* avance voraus ileri 빠르 "
        "進んで faster quick"
    ),
    "KEY": (
        "key keys apikey apikeys api-key api-keys credential* secret secrets 密钥 秘钥 密匙 "
        "ключ* clave claves chave chaves clé clés schlüssel anahtar* 키를 키가 キー key's "
        "schlüssels api-schlüssel api-schlüssels"
    ),
    "API": "api apis 接口 апи",
    "GONE": (
        "eras* delet* remov* revok* expir* disappear* vanish* wiped lapsed 删除 删了 过期 失效 "
        "到期 удал* истек* eliminad* borrad* caducad* excluíd* apagad* supprim* gelöscht "
        "abgelaufen silin* 삭제 만료 削除 期限切れ stopped istёк истёк dead"
    ),
    "WRONG": (
        "wrong incorrect* bad unrecogni* mistyp* typo 无效 不对 错了 不正确 有误 неверн* "
        "неправильн* недейств* inválid* invalid* falsch ungültig* geçersiz* yanlış 잘못 유효하지 "
        "無効 正しく 間違 illegal"
    ),
    "REMADE": (
        "recreat* re-creat* regenerat* renew* new newly 重新 新建 新的 新 заново новый nuevo "
        "novo nouve* neu neue* yeni 새 新しい"
    ),
    "OLD": (
        "old original existing previous older before 旧 老 之前 стар* viej* antig* ancien* alte* "
        "eski 기존 古い"
    ),
    "PERMIT": (
        "privilege* allow* permit* enabl* authoriz* authoris* grant* tick* checkbox* unchecked "
        "toggle* 权限 开通 启用 勾选 授权 打开 选项 разреш* прав права включ* permis* habilit* "
        "ativ* activ* autoris* berechtig* aktivier* freigeschalt* yetki* izin 권한 활성화 許可 "
        "有効 checked box switched turned 打勾 勾上"
    ),
    "SCOPE": (
        "futures future spot margin trade trades trading withdraw* read reading transfer* 合约 "
        "期货 现货 杠杆 交易 提现 提币 读取 фьючерс* торгов* вывод* futuros negocia* retiro* "
        "saque* lecture handel vadeli 선물 거래 출금 先物 取引 出金 order orders place universal"
    ),
    "FREE_IP": "unrestricted any 无限制 不限制 без irrestrict*",
    "SYMBOL": (
        "symbol symbols pair pairs ticker tickers coin coins token tokens instrument* 交易对 "
        "币种 币对 пара пары символ* тикер* símbolo* simbolo* par pares moneda* moeda* paire* "
        "symbole* währungspaar* sembol* parite* 심볼 코인 シンボル 通貨ペア пар slash 合约btc"
    ),
    "EXIST": (
        "exist* found find listed lists support* available recogni* tradable tradeable 存在 支持 "
        "上架 上线 сущест* найд* поддерж* encontr* soport* suport* disponib* trouv* gefunden "
        "unterstütz* bulun* destek* 존재 지원 対応 disponível doesn't_exist"
    ),
    "ABSENT": (
        "unknown nonexist* delist* unlisted unsupported unavailable removed inexist* 下架 不存在 "
        "неизвест* desconocid* desconhecid* inconnu* unbekannt* нет such 写错 no_such there's_no "
        "there_is_no 查不到 找不到 没有这个 no_longer_listed not_listed не_найден* doesn't_have"
    ),
    "PARAM": (
        "parameter* param params argument* field fields payload symbol quantity price side "
        "timeinforce 参数 字段 параметр* parámetro* parâmetro* paramètre* parametre* 파라미터 "
        "パラメータ batchorders"
    ),
    "SENT": (
        "sent supplied provided required mandatory specified missing empty null blank undefined "
        "必填 必须 缺少 为空 未传 обязательн* пуст* enviad* obligatori* obrigatóri* vazi* "
        "envoyé* obligatoire* gesendet leer erforderlich gönderilm* zorunlu 필수 필요 必須 "
        "left-out omitted put filled 填"
    ),
    "STOP": (
        "stop stops stoploss stoplosses stop-loss stop-losses sl tp takeprofit take-profit "
        "trigger* stop_market 止损 止盈 触发 стоп* тейк* 손절 익절 損切 逆指値 止损价"
    ),
    "PRICE": (
        "price prices 价格 现价 市价 цен* precio* preço* preco* prix preis* kurs fiyat* 가격 "
        "価格"
    ),
    "ACROSS": (
        "past above below beyond already cross* passed moved higher lower under over reached "
        "tight 高于 低于 已经 超过 突破 выше ниже уже encima debajo acima abaixo dépass* über "
        "unter üzerinde altında 이미 すでに 比现价还高 比现价高 worse wrong-side"
    ),
    "ORDER": (
        "order orders oco 订单 委托 下单 挂单 ордер* заявк* orden órdenes ordem ordens ordre "
        "ordres auftrag* emir* 주문 注文 太多单"
    ),
    "CANCEL": "cancel* 撤单 取消 撤销 отмен* annul* storn* iptal 취소 キャンセル",
    "FILLED": (
        "filled fill fills executed closed gone already twice double doubled placed succeeded "
        "book through 成交 已成 双倍 исполн* дважды ejecutad* executad* exécut* ausgeführt "
        "doppelt gerçekleş* 체결 約定 已下单 已经下单 已成交"
    ),
    "LOST": (
        "lost timeout timeouts timed exception failed fails fail crash* dropped response 超时 "
        "丢失 异常 失败 таймаут* ошибк* упал* falló falhou échou* fehlgeschlagen başarısız "
        "타임아웃 失敗 failure 报错"
    ),
    "RETRY": (
        "retry* retries resend* resent again twice double duplicat* 重试 重发 重复 повтор* "
        "reintent* reenvi* wiederhol* 재시도 再送"
    ),
    "ID": (
        "id ids clientorderid client-order-id newclientorderid orderid cid identifier 订单号 "
        "编号 单号 идентификатор* 아이디"
    ),
    "SAME": (
        "same duplicat* twice reus* identical unique 相同 一样 重复 同一 повтор* одинаков* дубл* "
        "mismo misma mesmo mesma duplicad* même* doppel* gleiche* aynı 중복 같은 重複 同じ"
    ),
    "SIGN": (
        "signed signing hmac 签名 подпис* firma firmar assinatura* assinar unterschrift* "
        "signatur* imza* 서명 署名 sign_the sign_requests sign_post"
    ),
    "ENCODED": (
        "encod* special escap* urlencod* chinese unicode utf-8 编码 特殊 中文 кодиров* codific* "
        "kodier* url-encoded newline space spaces whitespace 换行 空格"
    ),
    "QUANTITY": (
        "quantity quantities qty amount amounts size sizes lot lots volume notional value stake "
        "数量 金额 количеств* объем* объём* сумм* cantidad* monto* quantidade* valor quantité* "
        "montant* menge* betrag* miktar* 수량 금액 金額 ロット worth dollars 个数 лот лота лоты "
        "lote lotes"
    ),
    "BOUND": (
        "min mins max maximum small* tiny below least precision round* step steps tick "
        "increment* multiple* divisible less exceed* 最小 最低 最大 太小 精度 小数 步长 минимал* "
        "минимум* максимал* точност* mínim* minim* máxim* decima* décima* mindest* kleinst* "
        "nachkomma* asgari ondalık* 최소 소수점 桁 places меньше menor кратн* кратен шаг шагу "
        "шага múltipl* klein zu_klein pequeñ* pequen* petit* küçük маленьк* 过小 too_low "
        "too_high"
    ),
    "MANY": (
        "many much frequent* excessive* exceed* spam* flood* 太多 过多 频繁 太频繁 超过 много "
        "часто demasiad* muit* trop viele çok 너무 많 多すぎ often"
    ),
    "REQUEST": (
        "request* call calls quer* poll* weight connections 请求 调用 访问 запрос* solicitud* "
        "peticion* requisi* requêt* anfrag* istek* 요청 リクエスト llamada* chamada* appel* "
        "aufruf* çağrı* вызов* обращен*"
    ),
    "LIMIT": (
        "limit limits limiting quota 限制 上限 лимит* límite* limite* grenze* sınır* 한도 제한 "
        "制限"
    ),
    "PER": (
        "second seconds minute minutes hour hours day days daily 24h 秒 分钟 小时 секунд* минут* "
        "segundo* minuto* seconde* sekunde* saniye* 초당 분당"
    ),
    "PLACE": (
        "country countries region location jurisdiction vpn geo* nationality us-based 地区 国家 "
        "地域 стран* регион* país pais pays ülke* 국가 지역 paese jurisdictions regions "
        "australian* germany europe"
    ),
    "BLOCK": (
        "block* restrict* prohibit* forbid* unavailable ban* 屏蔽 禁止 封锁 запрещ* заблок* "
        "недоступ* restring* proib* bloqu* interdi* gesperrt verboten yasak* engel* 차단 금지"
    ),
    "VENUE": (
        "binance exchange site website 币安 交易所 官网 бинанс* бирж* bolsa börse borsa 바이낸스 "
        "거래소 取引所"
    ),
    "DOWN": (
        "down outage offline maintenance upgrad* crash* ddos unreachable 维护 升级 宕机 崩了 "
        "挂了 瘫痪 техработ* упал* mantenimiento manutenção wartung bakım* çök* 점검 서버다운 "
        "メンテナンス техобслуж* лежит не_работает"
    ),
    "ACCOUNT": (
        "account accounts sub-account subaccount sub-accounts user 账户 账号 子账户 аккаунт* "
        "счет* счёт* cuenta* conta compte konto hesap* 계정 계좌 アカウント 口座 акаунт*"
    ),
    "LOCKED": (
        "lock* froz* freez* suspend* disabl* inactiv* kyc unverified ain't compliance violat* "
        "冻结 禁用 风控 限制 未认证 заморож* приостановл* верифик* congelad* bloquead* gesperrt "
        "dondur* 정지 동결 凍結 review ограничи* restricted limited banned identity 身份 "
        "只能减仓"
    ),
    "HEDGE": (
        "hedge hedged hedging one-way oneway dual dualside dualsideposition 双向 单向 对冲 双开 "
        "хедж* 양방향 ヘッジ"
    ),
    "MODE": "mode modes setting settings 模式 设置 режим* modo modus mod 모드 モード",
    "SINGLE": "single both 单 双",
    "POSITION": (
        "position positions 持仓 仓位 开仓 позиц* posici* posiç* pozisyon* 포지션 ポジション"
    ),
    "LEVER": (
        "leverage isolated crossed 杠杆倍数 全仓 逐仓 单币种 联合保证金 плеч* apalanc* alavanc* "
        "levier hebel kaldıraç* 레버리지 レバレッジ 杠杆"
    ),
    "CHANGE": (
        "change* changing switch* adjust* set setting modif* subtract* 修改 切换 调整 设置 "
        "смени* измен* cambi* mudar alter* ändern değiş* 변경 変更 corrected"
    ),
    "TEST": "testnet demo sandbox paper test-net 测试网 模拟盘 тестнет* 테스트넷 テストネット",
    "REAL": "real live mainnet production prod main 实盘 主网 真实 正式 реальн* 실계좌 本番",
    "REDUCE": "reduce-only reduceonly 只减仓 仅减仓 reduce_only",
    "WORKS": (
        "work works working fine right true ok good 正确 正常 没问题 correct* верн* правильн* "
        "corret* richtig doğru 맞는데 正しい"
    ),
    "TROUBLE": (
        "fail* doesn't don't can't won't unable issue problem problems wrong 报错 错误 失败 问题 "
        "ошибк* erro error* erreur* fehler* hata* 오류 에러 エラー 失敗"
    ),
    "REACH": "internet network proxy firewall wifi isp 网络 代理 翻墙 сеть rede netzwerk",
    "ADDRESS": (
        "ip ips address addresses 地址 айпи адрес* dirección direccion* endereço* adres* 주소 "
        "アドレス ipv4 ipv6 ip-address ip地址"
    ),
    "ADD": (
        "add added adding 加上 加进 添加 加入 补充 добав* añad* agreg* adicion* acrescent* "
        "ajout* hinzu* ekle* 추가 追加"
    ),
    "HOST": (
        "server servers vps cloud machine office home box pc docker laptop droplet datacenter "
        "aws ec2 hosting provider computer container 服务器 云 电脑 本机 сервер* servidor* "
        "serveur* rechner sunucu* 서버 サーバー"
    ),
    "ONLY": "only just solely 只 仅 только solo só apenas seulement nur sadece",
    "AMERICA": (
        "usa u.s america york virginia ohio oregon california ontario canada us-east us-west "
        "texas iran china 美国 美區 америк* сша estados the_us us_ip us_based us_server asian "
        "australia* canadian* american*"
    ),
    "LIVES": (
        "server servers vps cloud region droplet instance ip ips addresses hosted datacenter "
        "moved people users residents customers 服务器 节点 адрес* сервер* servidor"
    ),
    "STREAM": (
        "websocket websockets stream streams socket sockets ws wss connection connections 长连接 "
        "推送 вебсокет* соединен* conexión conexão connexion verbindung bağlantı 웹소켓 接続 "
        "连接 行情"
    ),
    "BREAKS": (
        "drop* disconnect* close* closing break* broke* dies die reset* lost rvetsya рвёт* рвет* "
        "обрыв* отвал* corta caída cae* cai coupe* abbrech* bricht kop* 断 掉线 끊 切れ 切断 "
        "stop* glitch* interrupt* 中断 不稳 抖动"
    ),
    "SILENT": (
        "hang hangs hanging stuck freez* timing timeout respond* response answer* comes returns "
        "reply 返回 响应 回应 зависа* отвеча* demora* tarda tardan répond* antwort* yanıt* 응답 "
        "応答"
    ),
    "RATE": (
        "often frequent* constantly rapidly spam* hammer* every 太快 часто frecuent* souvent "
        "häufig sık frequency"
    ),
    "POLL": (
        "poll* call* request* quer* fetch* refresh* loop* endpoint* exchangeinfo 轮询 刷新 "
        "опрашив* запрос* consult*"
    ),
    "WEIGHT": "weight weights 权重",
    "BUYS": (
        "buy buys buying sell sells selling sale purchase position 买 卖 buy-order sell-order "
        "покуп* прода* comprar compra vender venda acheter vendre kaufen verkauf* satın 매수 "
        "매도 買い 売り"
    ),
    "SHOWED": (
        "history afterwards anyway nevertheless actually later yet still opened appeared exists "
        "成交没有 成交了没 是否成交 已下单"
    ),
    "LEFT": "left remaining remains remain only 剩",
    "CONFIG": (
        "config config.json env environment .env settings file variable variables yaml 配置 "
        "环境变量 конфиг* configuración configuração 设置"
    ),
    "VALID": "recogni* accepted accept valid known",
    "INTERVAL": "interval intervals timeframe timeframes starttime endtime 周期 k线",
    "TYPE": (
        "stop_market gtc gtx timeinforce postonly post-only 市价单 限价单 type types stop_loss "
        "take_profit market_order market_orders limit_order limit_orders 单类型 订单类型"
    ),
    "DIGITS": (
        "digits places comma precision decimal* rounding rounded 位数 小数 знаков casas dígitos "
        "stellen basamak cut_off"
    ),
    "FAR": "far away deviat* distance 偏离 太远 далеко lejos longe loin weit uzak",
    "US": "binance.us binanceus binance-us",
    "COM": "binance.com belong* com",
    "HOSTNAME": (
        "dns hostname hostnames host domain domains 域名 хост* домен* dominio domínio domaine "
        "ドメイン 도메인"
    ),
    "RESOLVE": "resolv* lookup 解析 резолв* разреш* auflös* çözümle* 확인",
    "CERT": (
        "cert certs ssl tls https 证书 сертификат* certificado* certificat* zertifikat* "
        "sertifika* 인증서 証明書"
    ),
    "TRUST": (
        "trust* verif* intercept* expired self-signed invalid 校验 验证 проверк* handshake* "
        "confia* vertrau*"
    ),
    "BAN": (
        "ban bans banned ip-ban ipban 封 封禁 拉黑 被ban забан* бан banead* banid* banni* "
        "gesperrt yasaklan* 차단 バン blocked blocks blacklist*"
    ),
    "PASTED": (
        "copy copied cut paste* entire whole complete truncat* typed mistyped incomplete 复制 "
        "粘贴 少了 填错 抄错 скопир*"
    ),
    "REQUIRED": (
        "required missing empty null blank undefined none unset 缺少 为空 未设置 未配置 没填 "
        "没有填 пуст* не_указан* falta provide forgot_to_fill fill_in_your forgot_to_set"
    ),
    "TIMEOUT": (
        "timeout timeouts timed timed-out 超时 таймаут* zeitüberschreitung 타임아웃 タイムアウト"
    ),
    "NEED": "need* required necess* нужно nécessaire 需要 benötigt gerekli",
    "LESS": "less lower below smaller fewer menor menos меньше moins weniger 低于 小于 少于 az",
    "CLOSING": (
        "reduce close closing flatten exit 平仓 减仓 закры* cerrar fechar fermer schließen "
        "kapat*"
    ),
    "ALGO": "algo algoorder",
    "REFUSED": (
        "reject* refus* denied deny 拒绝 被拒 отклон* отказ* rechaz* recusad* abgelehnt "
        "reddedil* 거부 拒否"
    ),
    "DYNAMIC": (
        "dynamic static outgoing outbound egress external different changing rotat* 动态 固定 "
        "出口 динамич*"
    ),
    "HIT": "exhaust* reach* hit hits hitting exceed* over goes burn* 超 超限 превыш*",
    "OPENS": (
        "open_orders stop_orders algo_orders pending_orders conditional_orders open_stop 挂单数"
    ),
    "NAMED": "called named renamed spelled spelt written hyphen slash dash 写成",
    "BEYOND": (
        "more_than_i_have more_than_i_own than_available more_than_available "
        "more_than_the_balance than_is_available"
    ),
    "WINDOW": "window recvwindow recv_window 窗口",
    "LATE": "latency late arrive* delay* slow lag* far 延迟 задержк* latencia latência latence",
    "OVERLOADED": "overload* 过载 перегруж* sobrecarg* surcharg* überlast*",
    "FEE": "fee fees commission commissions 手续费 комисси*",
    "FROMTO": "starttime endtime start_time end_time",
    "OMITTED": "left_out leave_out omitted omit forgot_to_send forgot_the without_the",
    "CONNECT": (
        "connect* reach* access 连接 连上 连不上 подключ* соедин* conect* connexion verbind* "
        "bağlan* 연결 接続"
    ),
    "HAVE": "have has got haven't own hold 持有 拥有",
    "BOTS": "bot bots instance instances programs scripts processes 机器人 脚本 进程 бот*",
    "MILLIS": "ms millisecond* seconds second 毫秒 秒 секунд*",
    "MORE": "higher_than more_than exceeds bigger_than larger_than above_the 大于 高于",
}  # fmt: skip
