"""The window. Loads neither torch nor onnxruntime."""

from tinystudio.gui.immortal import make_immortal

make_immortal()  # before Qt is first called, from wherever the window's code is imported
