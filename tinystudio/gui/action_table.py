"""Every action of menus and toolbar as data; what it does is found by its id."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

MenuName = Literal["File", "Edit", "Compress", "Measure", "Export", "View", "Help"]
MENUS: tuple[MenuName, ...] = ("File", "Edit", "Compress", "Measure", "Export", "View", "Help")
Need = Literal[
    "studio", "network", "data", "recipe", "variant", "undo", "redo", "writable", "jobs", "paused",
    "adaptive", "baseline", "points", "stale",
]  # fmt: skip


@dataclass(frozen=True)
class ActionSpec:
    """One action. `needs` says what must be there for it to be enabled.

    `group` parts a menu by lines; `icon` is a name of qtawesome's.
    """

    id: str
    menu: MenuName
    text: str
    tip: str
    shortcut: str = ""
    icon: str = ""
    group: int = 0
    needs: tuple[Need, ...] = ("studio",)
    checkable: bool = False


ACTIONS: tuple[ActionSpec, ...] = (
    ActionSpec(
        "open-model", "File", "Open model…",
        "Open an .onnx file, or one of another kind, which is then converted.",
        "Ctrl+O", "mdi6.folder-open-outline",
    ),
    ActionSpec(
        "open-model-folder", "File", "Open a model's folder…",
        "Open a folder in the style of Hugging Face: config.json beside the weights.",
        "", "mdi6.folder-cog-outline",
    ),
    ActionSpec(
        "show-gallery", "File", "Gallery…",
        "See the ready tasks: real data and a trained model each.",
        "Ctrl+Shift+G", "mdi6.view-grid-outline", needs=(),
    ),
    ActionSpec(
        "attach-data", "File", "Attach data…",
        "Choose the data that the open model is measured on.",
        "Ctrl+D", "mdi6.database-outline", needs=("network", "writable"),
    ),
    ActionSpec(
        "attach-folder", "File", "Attach a folder as data…",
        "Choose a folder with a folder of images or recordings for each class.",
        "Ctrl+Shift+A", "mdi6.folder-image", needs=("network", "writable"),
    ),
    ActionSpec(
        "detach-data", "File", "Detach the data",
        "Go on without data. What was measured on it comes back when it is attached again.",
        "", "mdi6.database-remove-outline", needs=("data", "writable"),
    ),
    ActionSpec(
        "download-data", "File", "Download data…",
        "See which data sets can be downloaded, under which licence, and fetch one.",
        "Ctrl+Shift+L", "mdi6.cloud-download-outline", needs=(),
    ),
    ActionSpec(
        "show-data", "File", "Data and its settings…",
        "See what the data looks like and what is suspicious about it; change how it is read.",
        "Ctrl+I", "mdi6.card-search-outline", needs=("data",),
    ),
    ActionSpec(
        "new-project", "File", "New project…", "Begin an empty project in a folder of your choice.",
        "Ctrl+N", "mdi6.folder-plus-outline", 1, needs=(),
    ),
    ActionSpec(
        "open-project", "File", "Open project…",
        "Go on with a project: all that was measured is there.",
        "Ctrl+Shift+O", "mdi6.folder-outline", 1, needs=(),
    ),
    ActionSpec(
        "save-project-as", "File", "Save a copy of the project…",
        "Copy the project to another folder. The project itself is always saved.",
        "Ctrl+Shift+S", "mdi6.content-save-outline", 1,
    ),
    ActionSpec(
        "share-project", "File", "Share project…",
        "Write the whole project to one .zip: measurements and models, no data, no folder names. "
        "Open model opens such a file.",
        "", "mdi6.share-variant-outline", 1,
    ),
    ActionSpec(
        "disk-use", "File", "Disk use…",
        "See how much projects, trainings, caches and downloads take, and remove what can go.",
        "", "mdi6.harddisk", 2,
    ),
    ActionSpec(
        "quit", "File", "Quit",
        "Close the window. Nothing is lost.", "Ctrl+Q", "mdi6.exit-to-app", 3, needs=(),
    ),
    ActionSpec(
        "undo", "Edit", "Undo", "Take back the last change of the project.",
        "Ctrl+Z", "mdi6.undo", needs=("undo",),
    ),
    ActionSpec(
        "redo", "Edit", "Redo", "Do again what was taken back.",
        "Ctrl+Shift+Z", "mdi6.redo", needs=("redo",),
    ),
    ActionSpec(
        "copy-table", "Edit", "Copy the figures as a table",
        "Copy the rows selected among the runs, or else the variant that is shown, for a "
        "spreadsheet or a text.",
        "Ctrl+Shift+T", "mdi6.table-arrow-right", 1, needs=("network",),
    ),
    ActionSpec(
        "clear-recipe", "Edit", "Empty the recipe",
        "Remove all techniques from the recipe.", "", "mdi6.playlist-remove", 1, needs=("recipe",),
    ),
    ActionSpec(
        "rename", "Edit", "Rename the variant", "Give the selected variant a name of your own.",
        "", "mdi6.rename-outline", 2, needs=("variant",),
    ),
    ActionSpec(
        "notes", "Edit", "Tags and note…",
        "Say what the selected variant is to you; searches find tags and notes.",
        "Ctrl+T", "mdi6.tag-outline", 2, needs=("variant", "writable"),
    ),
    ActionSpec(
        "delete", "Edit", "Delete the variant",
        "Take the selected variant off the lists; Undo brings it back.",
        "", "mdi6.trash-can-outline", 2, needs=("variant",),
    ),
    ActionSpec(
        "compress", "Compress", "Compress…",
        "Step by step: technique, parameters, preview, run.",
        "Ctrl+G", "mdi6.arrow-collapse-all", needs=("network", "data", "writable"),
    ),
    ActionSpec(
        "compress-for-goal", "Compress", "Compress for a goal…",
        "Say what it may cost, then choose among the models that keep to it.",
        "Ctrl+Shift+M", "mdi6.target", needs=("writable",),
    ),
    ActionSpec(
        "quantize", "Compress", "Quantize…",
        "Fewer bits: for a small file, for speed here, for a phone or a microcontroller.",
        "", "mdi6.numeric-8-box-outline", 1, needs=("network", "data", "writable"),
    ),
    ActionSpec(
        "prune", "Compress", "Prune…",
        "Leave out channels, blocks or single weights.",
        "", "mdi6.content-cut", 1, needs=("network", "data", "writable"),
    ),
    ActionSpec(
        "distil", "Compress", "Distil…",
        "Have a model teach a smaller one, or a larger one teach this.",
        "", "mdi6.school-outline", 1, needs=("network", "data", "writable"),
    ),
    ActionSpec(
        "make-adaptive", "Compress", "Make adaptive (not there yet)…",
        "A model that computes less for easy samples: no technique of this version does that yet.",
        "", "mdi6.call-split", 1, needs=("adaptive",),
    ),
    ActionSpec(
        "open-recipe", "Compress", "Open recipe…",
        "Use a recipe from a .json file.", "", "mdi6.script-text-outline", 2, needs=("network",),
    ),
    ActionSpec(
        "save-recipe", "Compress", "Save recipe…",
        "Write the recipe to a .json file for the command line or a colleague.",
        "", "mdi6.script-outline", 2, needs=("recipe",),
    ),
    ActionSpec(
        "search", "Compress", "Search for better points",
        "For a minute, measure choices around the front and train some, the most promising first; "
        "with a limit on size or latency, what fits inside. Cancel any time: what was found stays.",
        "Ctrl+Shift+F", "mdi6.magnify-scan", 2, needs=("data",),
    ),
    ActionSpec(
        "measure", "Measure", "Measure this recipe",
        "Make the variant and measure its accuracy, size and speed.",
        "Ctrl+M", "mdi6.speedometer", needs=("recipe", "data", "writable"),
    ),
    ActionSpec(
        "keep", "Measure", "Keep this variant",
        "Keep the selected variant with its file, and measure it once on the test data.",
        "Ctrl+B", "mdi6.bookmark-outline", needs=("variant", "writable"),
    ),
    ActionSpec(
        "diagnose", "Measure", "Diagnose this recipe",
        "Find out which step costs accuracy, which layers of it, and what would help.",
        "Ctrl+Shift+D", "mdi6.stethoscope", needs=("recipe", "data"),
    ),
    ActionSpec(
        "advice", "Measure", "Show all advice",
        "See what could be better by what was measured, dismissed advice included.",
        "Ctrl+Shift+V", "mdi6.lightbulb-outline", needs=("network",),
    ),
    ActionSpec(
        "compare", "Measure", "Compare",
        "Lay two to four variants side by side: classes, samples, layers. Choose them with Ctrl "
        "or Shift and a click.",
        "Ctrl+Shift+C", "mdi6.compare-horizontal", needs=("network",),
    ),
    ActionSpec(
        "measure-original", "Measure", "Measure the original again",
        "Measure the model as it came.",
        "", "mdi6.refresh", 1, needs=("network", "data", "writable"),
    ),
    ActionSpec(
        "measure-stale", "Measure", "Measure what is stale again",
        "Have every variant whose figures are of another computer or file measured anew.",
        "", "mdi6.clock-alert-outline", 1, needs=("stale", "data", "writable"),
    ),
    ActionSpec(
        "throughput", "Measure", "Measure throughput",
        "Time the selected variant with 1, 8 and 32 samples a call: samples a second, beside how "
        "long preparing a sample takes.",
        "", "mdi6.fast-forward-outline", 1, needs=("network", "data", "writable"),
    ),
    ActionSpec(
        "set-baseline", "Measure", "Make this the baseline",
        "Tell changes and verdicts against the selected variant: in figures, tables and plots.",
        "Ctrl+Shift+B", "mdi6.source-branch", 3, needs=("variant",),
    ),
    ActionSpec(
        "clear-baseline", "Measure", "Baseline: the original again",
        "Tell changes and verdicts against the model as it came.",
        "", "mdi6.source-commit-start", 3, needs=("baseline",),
    ),
    ActionSpec(
        "import-points", "Measure", "Import figures from a device…",
        "Take in what you measured on the target device: a CSV with variant and latency_ms, and if "
        "you have them device, size_bytes and energy_mj.",
        "", "mdi6.cellphone-arrow-down", 4, needs=("data", "writable"),
    ),
    ActionSpec(
        "device-table", "Measure", "Table for a device…",
        "Write a CSV with a row for every variant, to fill in what you measure elsewhere.",
        "", "mdi6.table-edit", 4, needs=("data",),
    ),
    ActionSpec(
        "remove-points", "Measure", "Remove imported figures",
        "Take out what was measured on other devices. Ctrl+Z brings it back.",
        "", "mdi6.cellphone-off", 4, needs=("points", "writable"),
    ),
    ActionSpec(
        "pause-jobs", "Measure", "Pause what runs",
        "Stop here and go on later: the list of jobs has Resume for each.",
        "Ctrl+Shift+.", "mdi6.pause-circle-outline", 2, needs=("jobs",),
    ),
    ActionSpec(
        "resume-jobs", "Measure", "Resume what was paused",
        "Go on with every job that was paused, from where it was.",
        "", "mdi6.play-circle-outline", 2, needs=("paused",),
    ),
    ActionSpec(
        "cancel-jobs", "Measure", "Cancel all jobs",
        "Stop what runs. What is finished stays.",
        "Ctrl+.", "mdi6.close-circle-outline", 2, needs=("jobs",),
    ),
    ActionSpec(
        "export", "Export", "Export…",
        "Write the selected variant to a file, and have the file checked.",
        "Ctrl+E", "mdi6.export-variant", needs=("network",),
    ),
    ActionSpec(
        "report", "Export", "Report…",
        "Write what was found out to one page (.html) or a .pdf: question, data, front, choice, "
        "cost by class, conditions, limits.",
        "Ctrl+Shift+E", "mdi6.file-chart-outline", needs=("network", "data"),
    ),
    ActionSpec(
        "making", "Export", "Show how it was made…",
        "See the command line and the Python that make the selected variant again, byte by byte.",
        "Ctrl+Shift+P", "mdi6.console", 0, needs=("variant",),
    ),
    ActionSpec(
        "show-project", "Export", "Show the project's folder",
        "Open the folder that holds the project's files.", "", "mdi6.folder-eye-outline", 1,
    ),
    ActionSpec(
        "show-browser", "View", "Models",
        "Show or hide the model browser.", "Ctrl+1", "", checkable=True, needs=(),
    ),
    ActionSpec(
        "show-settings", "View", "Recipe and figures",
        "Show or hide the settings panel.", "Ctrl+2", "", checkable=True, needs=(),
    ),
    ActionSpec(
        "show-jobs", "View", "Jobs and notices",
        "Show or hide the lists at the bottom.", "Ctrl+3", "", checkable=True, needs=(),
    ),
    ActionSpec(
        "theme-system", "View", "Theme of the system",
        "Be dark when the system is.", "", "", 1, checkable=True, needs=(),
    ),
    ActionSpec(
        "theme-light", "View", "Light theme",
        "Be light whatever the system is.", "", "", 1, checkable=True, needs=(),
    ),
    ActionSpec(
        "theme-dark", "View", "Dark theme",
        "Be dark whatever the system is.", "", "", 1, checkable=True, needs=(),
    ),
    ActionSpec(
        "larger-text", "View", "Larger text", "Make all words larger.", "Ctrl++", "", 2, needs=(),
    ),
    ActionSpec(
        "smaller-text", "View", "Smaller text",
        "Make all words smaller.", "Ctrl+-", "", 2, needs=(),
    ),
    ActionSpec(
        "usual-text", "View", "Text as the system has it",
        "Make all words as large as the system has them.", "Ctrl+0", "", 2, needs=(),
    ),
    ActionSpec(
        "reduce-motion", "View", "Less motion",
        "Let nothing move by itself. Where the system asks for that, it is so already.",
        "", "", 2, checkable=True, needs=(),
    ),
    ActionSpec(
        "layout-compress", "View", "Layout: Compress",
        "Models, plots and recipe side by side, as you left them when you last compressed.",
        "Ctrl+Alt+1", "", 3, checkable=True, needs=(),
    ),
    ActionSpec(
        "layout-compare", "View", "Layout: Compare",
        "All the room for comparing variants, as you left it when you last compared.",
        "Ctrl+Alt+2", "", 3, checkable=True, needs=(),
    ),
    ActionSpec(
        "layout-train", "View", "Layout: Train",
        "Curves of training with the jobs below, as you left them when you last trained.",
        "Ctrl+Alt+3", "", 3, checkable=True, needs=(),
    ),
    ActionSpec(
        "reset-layout", "View", "Reset the layout",
        "Put all panels where they were at first.", "", "", 3, needs=(),
    ),
    ActionSpec(
        "guided-tour", "Help", "Guided tour",
        "Make a small model of a ready task in two minutes, step by step, and export it.",
        "Ctrl+Shift+H", "mdi6.map-marker-path", needs=(),
    ),
    ActionSpec(
        "first-steps", "Help", "First steps",
        "How to use this window, in five lines.", "Shift+F1", "mdi6.help-circle-outline",
    ),
    ActionSpec(
        "context-help", "Help", "What is this?",
        "Explain where the keyboard is now, and the words used there.",
        "F1", "mdi6.help-box-outline", needs=(),
    ),
    ActionSpec(
        "glossary", "Help", "Glossary",
        "What the words mean, for those who are new to this.", "", "mdi6.book-alphabet", needs=(),
    ),
    ActionSpec(
        "palette", "Help", "Find a command…",
        "Type a few letters of anything you want to do.",
        "Ctrl+K", "mdi6.magnify", needs=(),
    ),
    ActionSpec(
        "shortcuts", "Help", "Keyboard shortcuts",
        "All keys at a glance.", "Ctrl+/", "mdi6.keyboard-outline",
    ),
    ActionSpec(
        "show-log", "Help", "Show the log", "Open the folder that holds the log, for a report.",
        "", "mdi6.file-document-outline", 1, needs=(),
    ),
    ActionSpec(
        "save-diagnostics", "Help", "Save diagnostics…",
        "Write versions, facts about this computer and the log to a .zip, for a report of a fault.",
        "", "mdi6.medical-bag", 1, needs=(),
    ),
    ActionSpec(
        "about", "Help", "About TinyStudio",
        "Version and licence.", "", "mdi6.information-outline", 1, needs=(),
    ),
)  # fmt: skip

# Qt asks for the icon of these alone on the toolbar; the primary one is drawn in the accent.
TOOLBAR = ("open-model", "undo", "redo", "compress", "compare", "export")
PRIMARY = "compress"

# Keys that work where the keyboard is, and are in no menu.
KEYS_IN_PLACE: tuple[tuple[str, str], ...] = (
    ("Tab", "Go on to the next control; Shift+Tab goes back"),
    ("Ctrl+Tab", "Go to the next tab"),
    ("Left", "In a plot: go to the next cheaper variant; Right: to the dearer one"),
    ("F2", "In the model browser: rename the variant; K: keep it, or let it go"),
    ("Del", "In the model browser: delete the variant"),
    ("Alt+Up", "In the list of jobs: earlier; Alt+Down: later; Alt+Home: next; Alt+End: last"),
    ("Ctrl+C", "In the table of runs: copy the selected rows as CSV"),
)
