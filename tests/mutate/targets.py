"""What is broken, and which tests should notice: chosen by the module."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
_PACKAGE = ROOT / "losscli"


@dataclass(frozen=True)
class Target:
    """A file, the quick tests for it, and those that only their survivors meet, as words for pytest."""

    name: str
    path: Path  # below the root
    quick: tuple[str, ...]
    more: tuple[str, ...]


def targets() -> dict[str, Target]:
    """Every loss and what losses share, the engine, the numerics, the comparison of a claim, and the diagnosis."""
    files = [
        *sorted(_PACKAGE.glob("losses/*/*.py")),
        *sorted(_PACKAGE.glob("engine/*.py")),
        *sorted(_PACKAGE.glob("numerics/*.py")),
        _PACKAGE / "checks" / "comparison.py",
        *sorted(_PACKAGE.glob("verify/diagnosis/**/*.py")),
    ]
    found = [_target(path) for path in files if path.stem != "__init__"]
    return {target.name: target for target in found}


def _target(path: Path) -> Target:
    room, below = path.parent.name, path.relative_to(ROOT)
    if "losses" in path.parts:
        name = path.stem if not path.stem.startswith("_") else f"{room}.{path.stem}"
        return Target(name, below, *_of_losses(_users(path)))
    name = f"{room}.{path.stem}"
    if "diagnosis" in path.parts:
        quick = tuple(f"tests/verify/test_{part}.py" for part in ("rules", "arrays", "diagnosis"))
        return Target(name, below, quick, ("tests/verify", "tests/request/test_penalty.py"))
    if room == "engine":
        laws = tuple(f"tests/laws/test_{law}.py" for law in ("sums", "bits", "whole", "nonfinite"))
        return Target(name, below, ("tests/engine",), (*laws, "tests/request", "tests/test_api.py", "tests/cli"))
    if room == "checks":
        quick = ("tests/checks/test_claims.py", "tests/verify/test_arrays.py", "tests/verify/test_rules.py")
        return Target(name, below, quick, ("tests/checks", "tests/verify", "tests/cli/test_verify.py"))
    own = ROOT / "tests" / "numerics" / f"test_{path.stem}.py"
    of_losses = ("tests/losses", "tests/laws/test_sums.py", "tests/checks")
    if own.exists():
        return Target(name, below, (str(own.relative_to(ROOT)),), ("tests/numerics", *of_losses))
    return Target(name, below, *_of_losses(_users(path)) if _users(path) else (("tests/numerics",), of_losses))


def _of_losses(names: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Their own tests and their references; then the laws, what frameworks answered, and mistakes."""
    own = (path for name in names if (path := f"tests/losses/test_{name}.py") and (ROOT / path).exists())
    more = ("tests/laws", "tests/losses", "tests/golden", "tests/verify/test_diagnosis.py")
    chosen = f"-k={' or '.join(names)}"
    return (*own, "tests/losses/test_references.py", chosen), (*more, chosen)


def _users(path: Path) -> tuple[str, ...]:
    """The losses that import a file, or a file that imports it; a loss is its own user."""
    return tuple(loss.stem for loss in _losses() if path == loss or path in _imported(loss))


@cache
def _losses() -> tuple[Path, ...]:
    return tuple(path for path in sorted(_PACKAGE.glob("losses/*/*.py")) if not path.stem.startswith("_"))


@cache
def _imported(path: Path) -> frozenset[Path]:
    """All files of losses and numerics that a file imports, and those that these import."""
    text = path.read_text(encoding="utf-8")
    shared = [*_PACKAGE.glob("losses/*/_[a-z]*.py"), *_PACKAGE.glob("numerics/[a-z]*.py")]
    direct = [other for other in shared if other != path and f"{other.parent.name}.{other.stem} import" in text]
    return frozenset(direct).union(*(_imported(other) for other in direct))
