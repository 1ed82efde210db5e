"""Constants of PyTorch's own source (ATen), which its documentation rounds."""

EPSILON = 9.999999960041972e-13  # written 1e-12, kept as a float32
