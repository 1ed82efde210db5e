"""What Python hands over: masks, tensors, words, extended precision; and faults in Python's words."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import losscli


def test_a_masked_entry_is_missing() -> None:
    masked = np.ma.array([[1.0, 2.0], [3.0, 4.0]], mask=[[False, False], [True, False]])
    with pytest.raises(losscli.LossError, match=r"input\[1, 0\] is masked"):
        losscli.compute("mse", masked, np.zeros((2, 2)))
    with pytest.raises(losscli.LossError, match=r"weight\[1\] is masked"):
        losscli.compute("mse", [1.0, 2.0], [0.0, 0.0], weight=np.ma.array([1.0, 2.0], mask=[False, True]))
    assert losscli.compute("mse", np.ma.array([1.0, 2.0]), [0.0, 0.0]).value == 2.5


def test_tensors() -> None:
    torch = pytest.importorskip("torch")
    tensor = torch.tensor([1.0, 2.0], requires_grad=True)
    assert losscli.compute("mse", tensor, [0.0, 0.0]).value == 2.5
    assert losscli.compute("mse", [tensor[0], tensor[1]], [0.0, 0.0]).value == 2.5
    assert losscli.compute("mse", tensor.bfloat16(), torch.zeros(2).half()).value == 2.5
    assert losscli.compute("mse", torch.tensor([1.1]).bfloat16(), [0.0]).value == 1.1015625**2  # nearest of 8 bits
    with pytest.raises(losscli.LossError, match="float8_e4m3fn"):
        losscli.compute("mse", tensor.to(torch.float8_e4m3fn), [0.0, 0.0])


def test_extended_precision_is_read_where_it_loses_nothing() -> None:
    assert losscli.compute("mse", np.array([1.0, 2.0], np.longdouble), [0.0, 0.0]).value == 2.5
    third = np.array([2, 1], np.longdouble) / 3
    if np.finfo(np.longdouble).eps < np.finfo(np.float64).eps:
        with pytest.raises(losscli.LossError, match=r"input\[0\] is a longdouble"):
            losscli.compute("mse", third, [0.0, 0.0])


def test_words() -> None:
    scores, classes = [[1.0, 2.0], [3.0, 4.0]], ["cat", "dog"]
    by_index = losscli.compute("cross_entropy", scores, [1, 0]).value
    for words in (["dog", "cat"], np.array(["dog", "cat"]), np.array(["dog", "cat"], object)):
        assert losscli.compute("cross_entropy", scores, words, classes=classes).value == by_index
    assert losscli.verify("cross_entropy", scores, ["dog", "cat"], classes=classes, claim=by_index).holds
    with pytest.raises(losscli.LossError, match="there is no class 'cow'"):
        losscli.compute("cross_entropy", scores, ["dog", "cow"], classes=classes)
    with pytest.raises(losscli.LossError, match=r'classes=\["a", "b", "c"\]'):
        losscli.compute("cross_entropy", scores, ["dog", "cat"])


@pytest.mark.parametrize("call", [losscli.compute, losscli.verify])
def test_a_module_is_no_name(call: Any) -> None:
    torch = pytest.importorskip("torch")
    for loss in (torch.nn.MSELoss(), torch.nn.MSELoss):
        with pytest.raises(losscli.LossError, match='name it, "MSELoss"'):
            call(loss, [1.0], [2.0])


def test_faults_speak_python() -> None:
    with pytest.raises(losscli.LossError, match='nonfinite="propagate"') as caught:
        losscli.compute("mse", [1.0, np.nan], [0.0, 0.0])
    assert "--" not in str(caught.value)
    with pytest.raises(losscli.LossError, match="sample_weight has shape") as caught:
        losscli.verify("mse", [1.0, 2.0], [0.0, 0.0], sample_weight=[1.0, 1.0, 1.0], claim=1.0)
    assert "--" not in str(caught.value)


class Frame:
    """What NumPy and losscli see of a frame of pandas or polars."""

    def __init__(self, **columns: list[float]) -> None:
        self.columns = list(columns)
        self._array = np.array(list(columns.values())).T

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        return self._array


def test_columns_of_frames_have_names() -> None:
    """Columns of the same names in another order, and labels that name the scores' columns."""
    scores, truth = Frame(a=[0.2, 0.3], b=[0.8, 0.7]), Frame(b=[1.0, 0.0], a=[0.0, 1.0])
    found = losscli.compute("log_loss", scores, truth)
    assert found.value == pytest.approx(-(np.log(0.8) + np.log(0.3)) / 2, rel=1e-15)
    assert "columns matched by name" in found.notes[0]
    numbered = Frame(**{"2": [0.2, 0.3], "0": [0.5, 0.4], "1": [0.3, 0.3]})
    assert losscli.compute("log_loss", numbered, [0, 0]).value == pytest.approx(-(np.log(0.5) + np.log(0.4)) / 2)
    words = losscli.compute("log_loss", Frame(cat=[0.2, 0.3], dog=[0.8, 0.7]), ["dog", "cat"])
    assert words.value == pytest.approx(-(np.log(0.8) + np.log(0.3)) / 2, rel=1e-15)
