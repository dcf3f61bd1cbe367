"""The commands and their arguments."""

from .. import __version__
from .._arguments import Parser, file_path, positive, whole
from ._exercises import exercises
from ._learner import check, examine, publish
from ._teacher import class_tables, grade_many
from ._terminal import cores


def parser() -> Parser:
    """Return the parser of the command line, for the chapter on the portfolio.

    Examples
    --------
    >>> parser().parse_args(["check", "my.ipynb"]).notebook
    'my.ipynb'
    """
    top = Parser(prog="qmlcourse", description="The course's graded portfolio.")
    top.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = top.add_subparsers(required=True, metavar="COMMAND")

    command = commands.add_parser("exercises", help="list the exercises or copy their notebooks")
    command.add_argument(
        "folder", nargs="?", type=file_path, help="where the notebooks go; none is overwritten"
    )
    command.add_argument("--new", metavar="NAME", help="begin an exercise of your own in FOLDER")
    command.add_argument(
        "--per-student", type=file_path, metavar="ROSTER",
        help="copies for each id of this CSV, with data of their own",
    )  # fmt: skip
    command.set_defaults(run=exercises)

    command = commands.add_parser("check", help="check your own notebook, as often as you like")
    command.add_argument("notebook", type=file_path, help="your notebook")
    command.add_argument("--exercise", help="its exercise; default: what the notebook says")
    command.add_argument("--question", action="append", help="only this one; may be repeated")
    command.add_argument("--seed", type=whole, help="of the inputs; default: drawn anew")
    command.set_defaults(run=check)

    command = commands.add_parser("grade", help="grade submissions in a sandbox")
    command.add_argument("exercise", help="its name")
    command.add_argument(
        "submission", nargs="+", type=file_path, help="notebooks, or folders of them"
    )
    command.add_argument(
        "--out", required=True, type=file_path, help="folder of the reports; a run resumes there"
    )
    command.add_argument("--seed", type=whole, help="of the run; default: drawn, and kept in --out")
    command.add_argument("--jobs", type=positive, default=cores(), help="how many at once")
    command.add_argument(
        "--per-student", type=file_path, metavar="ROSTER",
        help="judge each with the data that this CSV gives its student",
    )  # fmt: skip
    command.add_argument(
        "--trust-submissions", action="store_true", help="no sandbox: only for code you wrote"
    )
    command.set_defaults(run=grade_many)

    command = commands.add_parser("class", help="join a graded class with its roster and rubric")
    command.add_argument("out", type=file_path, help="the folder that grade wrote")
    command.add_argument("--roster", type=file_path, help="CSV: id, name, file")
    command.add_argument("--rubric", type=file_path, help="CSV: the form, filled in")
    command.add_argument("--form", type=file_path, help="write an empty form for the rubric here")
    command.add_argument("--moodle", type=file_path, help="write grades for Moodle here")
    command.add_argument("--canvas", type=file_path, help="write grades for Canvas here")
    command.set_defaults(run=class_tables)

    command = commands.add_parser("report", help="make a portfolio page of a graded notebook")
    command.add_argument(
        "report", type=file_path, help="the folder that grade wrote, or a report.json"
    )
    command.add_argument("notebook", type=file_path, help="the notebook that was graded")
    command.add_argument("--author", default="", help="your name, as it shall stand on the page")
    command.add_argument(
        "--code", default="", help="address of your code; default: that of the git repository"
    )
    command.add_argument(
        "--out", default="portfolio.html", type=file_path, help="the page; default: %(default)s"
    )
    command.set_defaults(run=publish)

    command = commands.add_parser("doctor", help="say what is missing here and how to get it")
    command.set_defaults(run=examine)
    return top
