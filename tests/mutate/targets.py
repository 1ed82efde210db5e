"""What is broken, and which tests should notice."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
_LOSSES = ROOT / "losscli" / "losses"


@dataclass(frozen=True)
class Target:
    """A file, the quick tests for it, and those that only its survivors meet."""

    name: str
    path: Path  # below the root
    tests: tuple[str, ...]
    more: tuple[str, ...] = ()


_OTHERS = (
    Target("reduce", Path("losscli/engine/reduce.py"), ("tests/engine", "tests/laws/test_sums.py", "tests/request")),
    Target("tally", Path("losscli/engine/tally.py"), ("tests/engine", "tests/laws/test_sums.py", "tests/request")),
    *(
        Target(name, Path(f"losscli/numerics/{name}.py"), (f"tests/numerics/test_{tests}.py",), ("tests/losses",))
        for name, tests in (("logsumexp", "logsumexp"), ("logarithm", "logarithm"), ("norms", "norms"))
        if (ROOT / f"tests/numerics/test_{tests}.py").exists()
    ),
)


def targets() -> dict[str, Target]:
    """Every loss, every file that losses of a family share, and the reductions."""
    files = sorted(path for path in _LOSSES.glob("*/*.py") if path.stem != "__init__")
    losses = [path for path in files if not path.stem.startswith("_")]
    found = {path.stem: _of_losses(path, [path.stem]) for path in losses}
    for path in files:
        if path.stem.startswith("_"):
            users = [
                loss.stem for loss in losses if f"{path.parent.name}.{path.stem} import" in loss.read_text("utf-8")
            ]
            if users:
                found[f"{path.parent.name}.{path.stem}"] = _of_losses(path, users)
    return found | {target.name: target for target in _OTHERS}


def _of_losses(path: Path, losses: list[str]) -> Target:
    own = tuple(f"tests/losses/test_{name}.py" for name in losses)
    chosen = " or ".join(losses)
    return Target(
        path.stem,
        path.relative_to(ROOT),
        (*(test for test in own if (ROOT / test).exists()), f"-k={chosen}"),
        (
            "tests/laws",
            "tests/losses/test_recorded_torch.py",
            "tests/losses/test_recorded_frameworks.py",
            f"-k={chosen}",
        ),
    )
