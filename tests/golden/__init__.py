"""What frameworks answer, recorded: so that every machine compares with them, and only one needs them.

- `cases.py` hands them out as `torch_cases()` and `edge_cases()`; it needs NumPy alone.
- `elements.py`, `classes.py`, `vectors.py` ask the questions, seeded; `edges.py` asks the hard ones by hand.
- `torch_answers.py` puts a question to the installed PyTorch; for the recorder, and for a live comparison.
- `record_torch.py` writes torch.json (the questions) and torch.npz (every number), and is run by hand.
- `frameworks.py` hands out what Keras, scikit-learn and optax answered, `framework_questions.py` asks them, and
  `record_keras.py`, `record_sklearn.py`, `record_optax.py` write keras.json, sklearn.json, optax.json, by hand too.
- `test_torch_samples.py` and `test_live.py` compare losscli with the installed PyTorch, on its own samples and on
  questions drawn from the losses' definitions.

Every number in torch.npz that is not an input comes from PyTorch 2.13.0 on a CPU in float64: a value from
torch.nn.functional, a gradient from autograd. Three losses that PyTorch lacks (log_loss, focal, sce) are composed there
from PyTorch's operations. Nothing that records or asks calls losscli, so a case can disagree with it.
"""
