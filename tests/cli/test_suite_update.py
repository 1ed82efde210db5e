"""`losscli suite --update`: expected single values are rewritten where they stand, and nothing else is touched."""

from __future__ import annotations

from pathlib import Path

from tests.cli.helpers import losscli


def test_update(tmp_path: Path) -> None:
    """The mean is 2; comments, order, quotes, digits, line ends and what holds stay as they were."""
    text = (
        "# a comment with é\n"
        "losscli: 1\n"
        "defaults: {loss: mse, inputs: [[1, 2, 3], [2, 3, 5]]}\n"
        "cases:\n"
        "  - {name: a, expect: {value: '2.500'}} # kept\n"
        "  - {expect: {value: 7}, name: b}\n"
        "  - name: c\n"
        "    expect:\n"
        "      value: 1.10e2 # this too\n"
        "  - {name: d, expect: {value: 2.00}}\n"
    )
    for old in (text, text.replace("\n", "\r\n"), "\ufeff" + text):
        (tmp_path / "checks.yaml").write_bytes(old.encode("utf-8"))
        ended = losscli("suite", "checks.yaml", "--update", at=tmp_path)
        assert ended.code == 0, ended.err
        new = old.replace("'2.500'", "'2.000'").replace("{value: 7}", "{value: 2}").replace("1.10e2", "2.00")
        assert (tmp_path / "checks.yaml").read_bytes() == new.encode("utf-8")
        assert "-  - {expect: {value: 7}, name: b}" in ended.out
        assert "+  - {expect: {value: 2}, name: b}" in ended.out
        again = losscli("suite", "checks.yaml", "--update", at=tmp_path)
        assert (again.code, "---" in again.out) == (0, False)


def test_update_leaves_what_is_no_single_value(tmp_path: Path) -> None:
    text = """\
losscli: 1
defaults: {loss: mse, inputs: [[1, 2, 3], [2, 3, 5]]}
cases:
  - {name: array, reduction: none, expect: {value: [1.0, 1.0, 3.0]}}
  - {name: bound, expect: {at_most: 1}}
  - {name: shared, expect: &shared {value: 5.0}}
  - {name: sharing, expect: *shared}
  - {name: file, expect: {value: five.csv}}
  - {name: missed, expect: {error: shape}}
  - {name: both, expect: {value: 5.0, gradients: {input: [1.0, 1.0, 1.0]}}}
"""
    (tmp_path / "five.csv").write_text("5.0\n", encoding="utf-8")
    (tmp_path / "checks.yaml").write_text(text, encoding="utf-8")
    ended = losscli("suite", "checks.yaml", "--update", at=tmp_path)
    assert ended.code == 1
    assert (tmp_path / "checks.yaml").read_text(encoding="utf-8") == text.replace(
        "both, expect: {value: 5.0", "both, expect: {value: 2.0"
    )
    assert "checks.yaml:4 array: not rewritten: value: [1.0, 1.0, 4.0]" in ended.out
    assert "checks.yaml:7 sharing: not rewritten: value: 2.0" in ended.out or "checks.yaml:6 sharing" in ended.out
    assert "both: not rewritten: gradients: input: [-0.66" in ended.out
    assert "both: not rewritten: value" not in ended.out
