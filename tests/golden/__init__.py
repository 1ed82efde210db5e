"""PyTorch's answers, recorded: so that every machine compares with PyTorch, and only one needs it.

- `cases.py` hands them out as `torch_cases()` and `edge_cases()`; it needs NumPy alone.
- `elements.py`, `classes.py`, `vectors.py` ask the questions, seeded; `edges.py` asks the hard ones by hand.
- `torch_answers.py` puts a question to the installed PyTorch; for the recorder, and for a live comparison.
- `record_torch.py` writes torch.json (the questions) and torch.npz (every number), and is run by hand.

Every number in torch.npz that is not an input comes from PyTorch 2.13.0 on a CPU in float64: a value from
torch.nn.functional, a gradient from autograd. Three losses that PyTorch lacks (log_loss, focal, sce) are composed there
from PyTorch's operations. Nothing in this folder calls losscli, so a case can disagree with it.
"""
