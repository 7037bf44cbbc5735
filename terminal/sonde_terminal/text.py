"""A line whose parts have styles. Rich's own takes longer to load than an error to explain."""

from typing import Self

from rich.cells import cell_len


class Text:
    """One line for a terminal."""

    __slots__ = ("parts",)

    def __init__(self, text: str = "", style: str = "") -> None:
        self.parts = [(text, style)] if text else []
        """Texts with their styles, as Rich names them."""

    @classmethod
    def assemble(cls, *parts: "Text | str | tuple[str, str]") -> Self:
        """Join parts to a line."""
        line = cls()
        for part in parts:
            match part:
                case Text():
                    line.parts += part.parts
                case str():
                    line.parts.append((part, ""))
                case _:
                    line.parts.append(part)
        return line

    @property
    def plain(self) -> str:
        """What stands on the line."""
        return "".join(text for text, _ in self.parts)

    @property
    def cell_len(self) -> int:
        """The line's width in terminal cells."""
        return cell_len(self.plain)

    def pad_left(self, count: int) -> None:
        """Put blanks before what stands on the line."""
        self.parts.insert(0, (" " * count, ""))

    def rstrip(self) -> None:
        """Take away the blanks at the end."""
        while self.parts:
            text, style = self.parts.pop()
            if text := text.rstrip():
                self.parts.append((text, style))
                return
