//! Values followed through names, files and settings.

use super::*;
use crate::answers::Answers;
use crate::knowledge::Knowledge;
use crate::repo::Repo;

fn value(files: &[(&str, &str)], path: &str, name: &str) -> Value {
    let repo = Repo::from_files(files.iter().copied());
    let knowledge = Knowledge::load(&repo).unwrap();
    let answers = Answers::default();
    let cx = Context { repo: &repo, knowledge: &knowledge, answers: &answers };
    let code = Code::new(&cx, vec![Utf8PathBuf::new(), "src".into()]);
    code.value(path.into(), &Expr::Name(name.to_owned()))
}

fn port(text: &str) -> Option<(Option<u16>, Option<String>)> {
    value(&[("a.py", text)], "a.py", "PORT").port()
}

#[test]
fn ports() {
    for (text, expected) in [
        ("import os\nPORT = int(os.environ.get('PORT', 5000))\n", (Some(5000), Some("PORT"))),
        ("import os\nPORT = int(os.getenv('HTTP') or 81)\n", (Some(81), Some("HTTP"))),
        ("from os import environ\nPORT = environ['P']\n", (None, Some("P"))),
        ("import os\nPORT = ['[::]:{}'.format(os.environ.get('PORT', 5006))]\n", (Some(5006), Some("PORT"))),
        ("import os\nPORT = f\"0.0.0.0:{os.environ.get('PORT', '82')}\"\n", (Some(82), Some("PORT"))),
        ("PORT = ('', 8123)\n", (Some(8123), None)),
        ("PORT = '0.0.0.0:90'\n", (Some(90), None)),
        ("import os\nP = '83'\nPORT = '0.0.0.0:' + os.getenv('PORT', P)\n", (Some(83), Some("PORT"))),
        (
            "from decouple import config\nPORT = config('PORT', default=84, cast=int)\n",
            (Some(84), Some("PORT")),
        ),
        (
            "import environ\nenv = environ.Env()\nPORT = env.int('PORT', default=85)\n",
            (Some(85), Some("PORT")),
        ),
    ] {
        assert_eq!(port(text), Some((expected.0, expected.1.map(str::to_owned))), "{text}");
    }
    assert_eq!(port("PORT = x()\n"), None);
}

#[test]
fn through_files_and_settings() {
    let settings = "from pydantic_settings import BaseSettings\nclass Settings(BaseSettings):\n    port: int = 8123\nsettings = Settings()\n";
    let files = [
        ("app/config.py", settings),
        ("app/__init__.py", ""),
        ("main.py", "from app.config import settings\nX = settings.port\n"),
    ];
    assert_eq!(value(&files, "main.py", "X").port(), Some((Some(8123), Some("PORT".into()))));
    let files = [
        ("config.py", "PORT = 9\n"),
        ("main.py", "import config\nfrom config import PORT as P\nX = config.PORT\nY = P\n"),
    ];
    assert_eq!(value(&files, "main.py", "X"), Value::Number(9));
    assert_eq!(value(&files, "main.py", "Y"), Value::Number(9));
    let files = [(
        "a.py",
        "import argparse\np = argparse.ArgumentParser()\np.add_argument('--port', type=int, default=7)\nargs = p.parse_args()\nX = args.port\n",
    )];
    assert_eq!(value(&files, "a.py", "X"), Value::Number(7));
}

#[test]
fn paths() {
    let text = "import os\nfrom pathlib import Path\nBASE = Path(__file__).resolve().parent.parent\nA = BASE / 'db.sqlite3'\nB = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'media')\n\
                C = Path(__file__).parents[1] / 'x'\nD = f\"{BASE}/log\"\nE = os.environ.get('DATA', BASE / 'data')\n";
    let path = |name: &str| value(&[("site/settings.py", text)], "site/settings.py", name);
    assert_eq!(path("A"), Value::Path("db.sqlite3".into()));
    assert_eq!(path("B"), Value::Path("site/media".into()));
    assert_eq!(path("C"), Value::Path("x".into()));
    assert_eq!(path("D"), Value::Path("log".into()));
    assert_eq!(path("E"), Value::Variable("DATA".into(), Some(Box::new(Value::Path("data".into())))));
}

#[test]
fn a_circle_of_imports_ends() {
    let files = [("a.py", "from b import X\n"), ("b.py", "from a import X\n")];
    assert_eq!(value(&files, "a.py", "X"), Value::Unknown);
    assert_eq!(value(&[("a.py", "X = X + X\n")], "a.py", "X"), Value::Unknown);
}
