"""What is found in a script: where, what is wrong, what to do. Pure."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    """Whether a script can run."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, order=True)
class Diagnostic:
    """One finding. `line` and `column` begin at 1; 0 where the script as a whole is meant."""

    line: int
    column: int
    severity: Severity
    code: str
    message: str
    hint: str = ""

    def row(self) -> dict[str, Any]:
        """By name, as JSON has it."""
        return asdict(self) | {"severity": self.severity.value}

    def __str__(self) -> str:
        told = f"{self.line}:{self.column}: {self.severity} {self.code}: {self.message}"
        return f"{told}; {self.hint}" if self.hint else told
