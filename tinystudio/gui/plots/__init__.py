"""The plots; the only package that imports pyqtgraph."""

import pyqtgraph as pg

pg.setConfigOptions(antialias=True)
