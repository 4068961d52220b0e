//! Repositories in, facts out.

use crate::answers::Answers;
use crate::detect::{Context, Detection};
use crate::facts::{Bound, Kind, Project, PythonFacts, Stack};
use crate::knowledge::Knowledge;
use crate::repo::Repo;

fn detection(files: &[(&str, &str)]) -> crate::error::Result<Detection> {
    let repo = Repo::from_files(files.iter().copied());
    let knowledge = Knowledge::load(&repo)?;
    let answers = Answers::default();
    super::detect(&Context { repo: &repo, knowledge: &knowledge, answers: &answers }, "".into())
}

fn found(files: &[(&str, &str)]) -> (Project, PythonFacts) {
    let Detection::Found(project) = detection(files).unwrap() else { panic!("nothing was found") };
    let Stack::Python(facts) = project.stack.clone() else { panic!("no Python") };
    (*project, *facts)
}

fn start(files: &[(&str, &str)]) -> String {
    let start = found(files).1.start.unwrap().value;
    start.shell.unwrap_or_else(|| start.argv.join(" "))
}

const FLASK: &str = "from flask import Flask\napp = Flask(__name__)\n";
const FASTAPI: &str = "from fastapi import FastAPI\napp = FastAPI()\n";

#[test]
fn an_application_and_its_server() {
    let flask = [("requirements.txt", "Flask\nGunicorn\n"), ("hello.py", FLASK)];
    assert_eq!(start(&flask), "gunicorn hello:app");
    let api =
        [("requirements.txt", "fastapi[standard]\n"), ("app/__init__.py", ""), ("app/main.py", FASTAPI)];
    assert_eq!(start(&api), "uvicorn --host 0.0.0.0 --port 8000 app.main:app");
    let (project, facts) = found(&[("requirements.txt", "flask\n"), ("app.py", FLASK)]);
    assert_eq!((facts.adds.len(), project.listen[0].value.port), (1, 5000));
    let factory = "from flask import Flask\ndef create_app(config=None):\n    return Flask(__name__)\n";
    assert_eq!(
        start(&[("requirements.txt", "flask\ngunicorn\n"), ("shop/__init__.py", factory)]),
        "gunicorn shop:create_app()"
    );
    let made = "from shop import create_app\napp = create_app()\n";
    let files = [("requirements.txt", "flask\ngunicorn\n"), ("shop/__init__.py", factory), ("wsgi.py", made)];
    assert_eq!(start(&files), "gunicorn wsgi:app");
}

#[test]
fn the_port_that_the_code_starts_with() {
    let code = format!(
        "import os\n{FLASK}if __name__ == '__main__':\n    app.run(port=int(os.environ.get('PORT', 8123)))\n"
    );
    let (project, _) = found(&[("requirements.txt", "flask\ngunicorn\n"), ("app.py", &code)]);
    assert_eq!((project.listen[0].value.port, project.listen[0].because[0].line), (8123, Some(5)));
    let code =
        format!("import uvicorn\n{FASTAPI}if __name__ == '__main__':\n    uvicorn.run(app, port=9001)\n");
    let (project, _) = found(&[("requirements.txt", "fastapi\nuvicorn\n"), ("main.py", &code)]);
    assert_eq!(project.listen[0].value.port, 9001);
    let options = "import uvicorn\noptions = {}\nuvicorn.run('x:y', **options)\n";
    assert_eq!(found(&[("requirements.txt", "uvicorn\n"), ("main.py", options)]).0.listen, []);
}

#[test]
fn commands_of_a_procfile() {
    let files = |line: &'static str| {
        [("requirements.txt", "flask\ngunicorn\nuvicorn\n"), ("app.py", FLASK), ("Procfile", line)]
    };
    let (project, _) = found(&files("web: gunicorn --bind 0.0.0.0:$PORT app:app\n"));
    assert_eq!(start(&files("web: gunicorn --bind 0.0.0.0:$PORT app:app\n")), "gunicorn app:app");
    assert!(project.listen[0].value.must_set && project.listen[0].value.port == 8000);
    assert_eq!(
        start(&files("web: uvicorn app:app --host 127.0.0.1 --port ${PORT:-81} --reload\n")),
        "exec uvicorn app:app --host 0.0.0.0 --port \"${PORT:-81}\""
    );
    assert_eq!(start(&files("web: poetry run python -m gunicorn app:app\n")), "gunicorn app:app");
    assert_eq!(start(&files("web: flask run --port 8080\n")), "gunicorn app:app");
    // A platform's own script in front of the server, unless the project has one of that name.
    assert_eq!(start(&files("web: bin/start-nginx gunicorn app:app\n")), "gunicorn app:app");
    let own: Vec<_> = files("web: bin/start-nginx gunicorn app:app\n")
        .into_iter()
        .chain([("bin/start-nginx", "")])
        .collect();
    assert_eq!(start(&own), "bin/start-nginx gunicorn app:app");
    let (project, _) = found(&files("web: flask db upgrade && gunicorn app:app\n"));
    assert_eq!(project.listen[0].value.variable.as_deref(), Some("PORT"));
}

#[test]
fn settings_within_settings_ask_for_no_variable() {
    let settings = "from pydantic_settings import BaseSettings\nclass Base(BaseSettings):\n    path: str\nclass Item(Base):\n    size: int = 1\nclass Mail(BaseSettings):\n    host: str\n\
                    class Settings(BaseSettings):\n    items: list[Item] = []\n    mail: Mail = Mail()\n    token: str\nsettings = Settings()\n";
    let app = "from fastapi import FastAPI\nfrom config import settings\napp = FastAPI()\n";
    let (project, _) = found(&[
        ("requirements.txt", "fastapi\npydantic-settings\n"),
        ("main.py", app),
        ("config.py", settings),
    ]);
    let names: Vec<&str> = project.env.iter().map(|one| one.value.name.as_str()).collect();
    assert!(names.contains(&"TOKEN") && names.contains(&"HOST") && !names.contains(&"PATH"), "{names:?}");
}

#[test]
fn django_and_its_settings() {
    let manage = "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'site1.settings.dev')\n";
    let base = "import os\nfrom pathlib import Path\nBASE_DIR = Path(__file__).resolve().parent.parent.parent\nSTATIC_ROOT = BASE_DIR / 'static'\n\
                MEDIA_ROOT = BASE_DIR / 'media'\nSECRET_KEY = os.environ['SECRET_KEY']\nMIDDLEWARE = ['whitenoise.middleware.WhiteNoiseMiddleware']\n";
    let files = [
        ("requirements.txt", "django==5.2.8\ngunicorn\nwhitenoise\n"),
        ("manage.py", manage),
        ("site1/__init__.py", ""),
        (
            "site1/wsgi.py",
            "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'site1.settings.dev')\napplication = 1\n",
        ),
        ("site1/settings/__init__.py", ""),
        ("site1/settings/base.py", base),
        ("site1/settings/dev.py", "from .base import *\n"),
        ("site1/settings/production.py", "from .base import *\n"),
    ];
    let (project, facts) = found(&files);
    assert_eq!(start(&files), "gunicorn site1.wsgi");
    let build = &facts.build[0].value;
    assert_eq!(build.argv, ["python", "manage.py", "collectstatic", "--noinput"]);
    assert_eq!(build.env[1], ("SECRET_KEY".to_owned(), "none".to_owned()));
    assert!(project.env.iter().any(|one| one.value.value.as_deref() == Some("site1.settings.production")));
    assert_eq!(project.writes[0].value, "media");
    assert!(project.env.iter().any(|one| one.value.name == "SECRET_KEY" && one.value.required));
}

#[test]
fn what_wheels_and_versions_allow() {
    let lock = "[[package]]\nname = \"asyncpg\"\nversion = \"0.26.0\"\n[metadata]\nlock-version = \"1.1\"\n[metadata.files]\n\
                asyncpg = [{file = \"asyncpg-0.26.0-cp310-cp310-manylinux_2_17_x86_64.whl\", hash = \"x\"}, {file = \"asyncpg-0.26.0.tar.gz\", hash = \"x\"}]\n";
    let manifest = "[tool.poetry]\nname = \"x\"\n[tool.poetry.dependencies]\npython = \"^3.9\"\nasyncpg = \"^0.26\"\nfastapi = \"*\"\n";
    let (project, facts) =
        found(&[("pyproject.toml", manifest), ("poetry.lock", lock), ("main.py", FASTAPI)]);
    let ranges: Vec<&Bound> = project.versions.iter().map(|one| &one.value).collect();
    assert_eq!(ranges[0], &Bound::Range("^3.9".into()));
    assert_eq!(ranges[1], &Bound::Range(">=3.10,<3.11".into()));
    assert_eq!(facts.binaries[0].value.glibc, ["3.10"]);
    let (project, _) = found(&[
        ("requirements.txt", "numpy==1.24.0\n"),
        ("main.py", "while True:\n    pass\n"),
        (".python-version", "3.11.4\n"),
    ]);
    assert_eq!(project.versions[0].value, Bound::Pin("3.11.4".into()));
    assert_eq!(project.versions[1].value, Bound::Range("<3.12".into()));
}

#[test]
fn workers_scripts_and_libraries() {
    let bot = "from telegram.ext import Application\nApplication.builder().build().run_polling()\n";
    let (project, facts) = found(&[("requirements.txt", "python-telegram-bot==21.6\n"), ("bot.py", bot)]);
    assert_eq!((project.kind.value, facts.handles_sigterm), (Kind::Worker, true));
    let celery = "from celery import Celery\napp = Celery('x')\n";
    assert_eq!(
        start(&[("requirements.txt", "celery\n"), ("jobs.py", celery)]),
        "celery --app jobs:app worker --loglevel INFO"
    );
    let library =
        "[project]\nname = \"x\"\ndependencies = []\n[build-system]\nbuild-backend = \"hatchling.build\"\n";
    let nothing = detection(&[("pyproject.toml", library), ("src/x/__init__.py", "A = 1\n")]).unwrap();
    assert!(matches!(nothing, Detection::NothingToRun(_)));
    assert_eq!(detection(&[("tool/x.py", "print(1)\n")]).unwrap(), Detection::Missing);
    let script = format!("{library}[project.scripts]\nx = \"x.cli:main\"\n");
    let framework = script.replace("[project]\n", "[project]\nclassifiers = [\"Topic :: Software Development :: Libraries :: Application Frameworks\"]\n");
    assert!(framework != script);
    let told = detection(&[("pyproject.toml", &framework), ("src/x/cli.py", "def main(): pass\n")]).unwrap();
    assert!(matches!(told, Detection::NothingToRun(_)), "{told:?}");
    let (_, facts) = found(&[("pyproject.toml", &script), ("src/x/cli.py", "def main():\n    print(1)\n")]);
    assert!(facts.installs_itself.is_some());
}

#[test]
fn what_is_broken_is_an_error_at_its_line() {
    let error = detection(&[("pyproject.toml", "[project]\nname = \n")]).unwrap_err();
    assert_eq!(error.place, Some(("pyproject.toml".into(), Some(2))));
    let error = detection(&[("requirements.txt", "flask\n-r gone.txt\n")]).unwrap_err();
    assert_eq!(error.place, Some(("requirements.txt".into(), Some(2))));
}

#[test]
fn a_front_end_beside_it_is_not_the_program() {
    let repo = Repo::from_files([
        ("requirements.txt", "flask\ngunicorn\n"),
        ("app.py", FLASK),
        (
            "package.json",
            r#"{"scripts":{"build":"vite build","start":"vite"},"devDependencies":{"vite":"^7"}}"#,
        ),
    ]);
    let knowledge = Knowledge::load(&repo).unwrap();
    let answers = Answers::default();
    let all =
        crate::detect::all(&Context { repo: &repo, knowledge: &knowledge, answers: &answers }, "".into())
            .unwrap();
    let first = all.into_iter().find_map(|one| match one {
        Detection::Found(project) => Some(project.language),
        _ => None,
    });
    assert_eq!(first.as_deref(), Some("python"));
}

#[test]
fn an_application_that_a_package_makes_for_its_main_module() {
    let maker = "from fastapi import FastAPI\ndef create_application(router, settings) -> FastAPI:\n    return FastAPI()\n";
    let made = "from .core.setup import create_application\napp = create_application(1, 2)\n";
    let files = [
        ("requirements.txt", "fastapi\nuvicorn\n"),
        ("shop/__init__.py", ""),
        ("shop/core/__init__.py", ""),
        ("shop/core/setup.py", maker),
        ("shop/main.py", made),
    ];
    assert_eq!(start(&files), "uvicorn --host 0.0.0.0 --port 8000 shop.main:app");
    // What lies beside the folder that its imports begin at is taken, too: a file at the root says so.
    let inner = format!("from server.parts import x\n{FASTAPI}");
    let files = [
        ("requirements.txt", "fastapi\nuvicorn\n"),
        ("main.py", "from backend.server.app import app\n"),
        ("backend/server/parts.py", ""),
        ("backend/server/app.py", inner.as_str()),
    ];
    assert_eq!(start(&files), "uvicorn --host 0.0.0.0 --port 8000 backend.server.app:app");
    // `import logging` is the library's, although the package has a module of that name.
    let main = format!("import logging\nfrom .config import x\n{FASTAPI}");
    let files = [
        ("requirements.txt", "fastapi\nuvicorn\n"),
        ("src/shop/__init__.py", ""),
        ("src/shop/logging.py", ""),
        ("src/shop/config.py", ""),
        ("src/shop/main.py", main.as_str()),
    ];
    assert_eq!(start(&files), "uvicorn --host 0.0.0.0 --port 8000 shop.main:app");
}

#[test]
fn scripts_that_import_what_lies_beside_them() {
    let bot = "import config\nimport telebot\nwhile True:\n    pass\n";
    let files = [
        ("requirements.txt", "pytelegrambotapi\n"),
        ("bot/bot.py", bot),
        ("bot/config.py", ""),
        ("config/config.yml", ""),
    ];
    let (_, facts) = found(&files);
    assert_eq!((start(&files).as_str(), facts.place.as_str()), ("python bot.py", "bot"));
}

#[test]
fn programs_that_serve_by_themselves() {
    let own = "from bottle import Bottle, run\napp = Bottle()\nif __name__ == '__main__':\n    run(app, port=8191, server=Pooled)\n";
    let files = [("requirements.txt", "bottle\nwaitress\n"), ("solver.py", own)];
    assert_eq!((start(&files).as_str(), found(&files).0.listen[0].value.port), ("python solver.py", 8191));
    // The only script is a client; the package listens.
    let setup = "from setuptools import setup\nsetup(name='hut', install_requires=['aiohttp'], entry_points={'console_scripts': ['hc=hut.cli:app']})\n";
    let server = "from aiohttp import web\nweb.run_app(x, port=29316)\n";
    let files = [
        ("setup.py", setup),
        ("hut/__init__.py", ""),
        ("hut/__main__.py", server),
        ("hut/cli/__init__.py", "import click\n"),
    ];
    assert_eq!(start(&files), "python -m hut");
}

#[test]
fn a_configuration_that_gunicorn_does_not_find_by_itself() {
    let files = [
        ("requirements.txt", "flask\ngunicorn\n"),
        ("app.py", FLASK),
        ("gunicorn_config.py", "bind = '0.0.0.0:8086'\nworkers = 2\n"),
    ];
    let (project, _) = found(&files);
    assert_eq!(start(&files), "gunicorn --config gunicorn_config.py app:app");
    assert_eq!(project.listen[0].value.port, 8086);
}

#[test]
fn a_command_that_names_a_module_which_was_moved() {
    let files = [
        ("requirements.txt", "fastapi\nuvicorn\n"),
        ("Procfile", "web: uvicorn shop.server:app --port 81\n"),
        ("shop/__init__.py", ""),
        ("shop/main.py", FASTAPI),
    ];
    assert_eq!(start(&files), "uvicorn --host 0.0.0.0 --port 8000 shop.main:app");
}

#[test]
fn an_extra_that_the_program_imports_at_once() {
    let manifest = "[project]\nname = \"ear\"\ndependencies = [\"fastapi\", \"uvicorn\"]\n[project.optional-dependencies]\ncpu = [\"torch\"]\ncuda = [\"torch\", \"triton\"]\ndev = [\"pytest\"]\n";
    let main = format!("import config\n{FASTAPI}");
    let of = |config: &str| {
        let (_, facts) = found(&[("pyproject.toml", manifest), ("main.py", &main), ("config.py", config)]);
        facts.tool.extras.into_iter().map(|one| one.value).collect::<Vec<_>>()
    };
    assert_eq!(of("import torch\n"), ["cpu"]);
    assert_eq!(of("try:\n    import torch\nexcept ImportError:\n    torch = None\n"), [] as [&str; 0]);
}

#[test]
fn a_loopback_default_is_opened_by_its_flag_or_its_variable() {
    let code = "import argparse\nimport uvicorn\nparser = argparse.ArgumentParser()\nparser.add_argument('--host', default='127.0.0.1')\nparser.add_argument('--port', type=int, default=7861)\nargs = parser.parse_args()\nuvicorn.run('x:y', host=args.host, port=args.port)\n";
    let files = [("requirements.txt", "uvicorn\n"), ("main.py", code)];
    assert_eq!(start(&files), "python main.py --host 0.0.0.0");
    let code =
        "import os\nimport uvicorn\nuvicorn.run('x:y', host=os.getenv('BIND', 'localhost'), port=7861)\n";
    let (project, _) = found(&[("requirements.txt", "uvicorn\n"), ("main.py", code)]);
    let set = project.env.iter().find(|one| one.value.name == "BIND").unwrap();
    assert_eq!(set.value.value.as_deref(), Some("0.0.0.0"));
    assert!(project.notes.iter().all(|note| note.code != "local-address"));
}

#[test]
fn a_program_that_asks_for_its_own_version_is_installed() {
    let manifest = "[project]\nname = \"ear-x\"\ndependencies = [\"fastapi\", \"uvicorn\"]\n[build-system]\nrequires = [\"hatchling\"]\nbuild-backend = \"hatchling.build\"\n";
    let of = |about: &str| {
        let main = format!("from importlib.metadata import version\nVERSION = version('{about}')\n{FASTAPI}");
        let (_, facts) =
            found(&[("pyproject.toml", manifest), ("ear/__init__.py", ""), ("ear/main.py", &main)]);
        (facts.installs_itself.is_some(), facts.keeps_sources)
    };
    assert_eq!((of("ear_x"), of("fastapi")), ((true, true), (false, false)));
}

#[test]
fn what_only_the_guard_makes_cannot_be_imported() {
    let factory = "from flask import Flask\ndef create_app():\n    return Flask(__name__)\n";
    let run =
        "from shop import create_app\nif __name__ == '__main__':\n    app = create_app()\n    app.run()\n";
    let files = [("requirements.txt", "flask\ngunicorn\n"), ("shop/__init__.py", factory), ("run.py", run)];
    assert_eq!(start(&files), "gunicorn shop:create_app()");
}

#[test]
fn documents_that_building_the_project_reads() {
    let manifest = "[project]\nname = \"ear\"\nreadme = \"README.md\"\n[project.scripts]\near = \"ear:main\"\n[build-system]\nrequires = [\"hatchling\"]\nbuild-backend = \"hatchling.build\"\n";
    let files = [
        ("pyproject.toml", manifest),
        ("README.md", ""),
        ("CHANGES.md", ""),
        ("ear/__init__.py", "def main(): ...\n"),
    ];
    assert_eq!(found(&files).1.built_from, ["README.md"]);
}

#[test]
fn a_part_that_an_extra_brings_has_the_version_of_its_whole() {
    let releases = |line: &'static str| {
        let (project, _) = found(&[("requirements.txt", line), ("app.py", FLASK)]);
        project.versions.iter().filter(|one| matches!(one.value, Bound::Range(_))).count()
    };
    assert_eq!((releases("flask\npsycopg[binary]==3.2.9\n"), releases("flask\npsycopg[binary]\n")), (1, 0));
}

#[test]
fn groups_of_dependencies_without_a_project() {
    let manifest =
        "[dependency-groups]\nmain = [\"flask==3.1.0\", \"gunicorn==23.0.0\"]\ndev = [\"pytest\"]\n";
    let (project, facts) = found(&[("pyproject.toml", manifest), ("app.py", FLASK)]);
    assert_eq!((facts.tool.group.as_deref(), facts.tool.id.as_str()), (Some("main"), "uv"));
    assert!(facts.adds.is_empty() && project.notes.is_empty(), "{:?}", project.notes);
}

#[test]
fn a_workspace_without_a_lock_file() {
    let api = "[project]\nname = \"api\"\ndependencies = [\"fastapi\", \"uvicorn\", \"shared\"]\n[tool.uv.sources]\nshared = { workspace = true }\n";
    let files = [
        ("pyproject.toml", "[tool.uv.workspace]\nmembers = [\"services/*\", \"packages/*\"]\n"),
        ("services/api/pyproject.toml", api),
        ("services/api/main.py", FASTAPI),
        ("packages/shared/pyproject.toml", "[project]\nname = \"shared\"\n"),
        ("packages/other/pyproject.toml", "[project]\nname = \"other\"\n"),
    ];
    let repo = Repo::from_files(files.iter().copied());
    let knowledge = Knowledge::load(&repo).unwrap();
    let answers = Answers::default();
    let cx = Context { repo: &repo, knowledge: &knowledge, answers: &answers };
    let Detection::Found(project) = super::detect(&cx, "services/api".into()).unwrap() else { panic!() };
    let Stack::Python(facts) = &project.stack else { panic!() };
    assert_eq!((facts.tool.workspace, facts.tool.member.as_deref()), (true, Some("api")));
    assert_eq!(facts.siblings, ["packages/shared"]);
    assert_eq!(facts.tool.manifests.len(), 4);
}

#[test]
fn a_sqlite_file_is_data() {
    let settings = "import os\nfrom flask import Flask\napp = Flask(__name__)\nDATABASE_URL = os.getenv('DATABASE_URL', 'sqlite:///./shop.db')\n";
    let (project, facts) =
        found(&[("requirements.txt", "flask\ngunicorn\nsqlalchemy\n"), ("app.py", settings)]);
    assert_eq!(facts.beside[0].value, "shop.db");
    assert!(project.notes.iter().all(|note| note.code != "sqlite-default"));
    let other =
        [("requirements.txt", "flask\ngunicorn\nsqlalchemy\npsycopg2-binary\n"), ("app.py", settings)];
    let (project, facts) = found(&other);
    assert!(facts.beside.is_empty() && project.notes.iter().any(|note| note.code == "sqlite-default"));
    let engine =
        format!("from sqlalchemy import create_engine\n{FLASK}create_engine('sqlite:///data/x.db')\n");
    let (project, _) = found(&[("requirements.txt", "flask\ngunicorn\n"), ("app.py", &engine)]);
    assert_eq!(project.writes[0].value, "data");
}

#[test]
fn variables_of_classes_and_defaults_by_position() {
    let code = "from environs import Env\nenv = Env()\nclass Conf:\n    KEY = env('KEY')\n    RATE = env('RATE', '20/min')\n    def later(self):\n        return env('LATER')\n";
    let main = format!("import conf\n{FLASK}");
    let (project, _) =
        found(&[("requirements.txt", "flask\ngunicorn\n"), ("app.py", &main), ("conf.py", code)]);
    let names: Vec<&str> =
        project.env.iter().filter(|one| one.value.required).map(|one| one.value.name.as_str()).collect();
    assert_eq!(names, ["KEY"]);
}

proptest::proptest! {
    #[test]
    fn never_panics(main in "(?s)(from flask import Flask|app = Flask\\(__name__\\)|import os|os.environ\\['A'\\]|app.run\\(port=|open\\(|'w'|\\)|if |def f|:|=|[a-c]|\n|  ){0,30}", list in "(?s)(-r |-c |flask|==1|\\[a\\]|;|#|\n| @ |git\\+){0,12}") {
        let _ = detection(&[("requirements.txt", &list), ("main.py", &main), ("Procfile", "web: python main.py\n")]);
    }
}

#[test]
fn what_the_newest_of_an_unpinned_package_breaks() {
    let adds = |requirements: &str| -> Vec<String> {
        let (_, facts) = found(&[("requirements.txt", requirements), ("app.py", FLASK)]);
        facts.adds.into_iter().map(|one| one.value).filter(|one| !one.starts_with("gunicorn")).collect()
    };
    assert_eq!(adds("Flask==2.0.1\n"), ["werkzeug<3"]);
    assert_eq!(adds("Flask==2.0.1\nWerkzeug==2.3.8\n"), [] as [&str; 0]);
    assert_eq!(adds("Flask==2.0.1\nWerkzeug<3\n"), [] as [&str; 0]);
    assert_eq!(adds("Flask\n"), [] as [&str; 0]);
    assert_eq!(adds("Flask\npasslib[bcrypt]\nbcrypt\n"), ["bcrypt<5"]);
}

#[test]
fn classes_made_from_a_framework_and_names_that_a_package_hands_on() {
    let files = [
        ("requirements.txt", "flask\ngunicorn\n"),
        ("shop/__init__.py", "from .app import create_app\n"),
        (
            "shop/app.py",
            "from flask import Flask\nclass Shop(Flask):\n    pass\ndef create_app():\n    return Shop(__name__)\n",
        ),
        ("wsgi.py", "from shop import create_app\napp = create_app()\n"),
        ("manage.py", "from shop.cli import cli\nif __name__ == '__main__':\n    cli()\n"),
    ];
    assert_eq!(start(&files), "gunicorn wsgi:app");
}

#[test]
fn variables_that_settings_ask_for() {
    let settings = "import os\nimport environ\nenv = environ.Env(DEBUG=(bool, False))\nDEBUG = env('DEBUG')\nNAME = env.str('NAME', 'x')\nKEY = env('KEY')\n\
                    os.environ['THREADS'] = '1'\nPLACE = os.environ['PATH']\n";
    let code = format!("import settings\n{FLASK}");
    let (project, _) = found(&[
        ("requirements.txt", "flask\ngunicorn\ndjango-environ\n"),
        ("app.py", &code),
        ("settings.py", settings),
    ]);
    let names: Vec<&str> = project.env.iter().map(|one| one.value.name.as_str()).collect();
    assert_eq!(names, ["KEY"]);
}

#[test]
fn a_port_that_the_running_program_works_out() {
    let code = "from flask import Flask\napp = Flask(__name__)\nfrom settings import get\ndef run():\n    app.run(port=get('port'))\nif __name__ == '__main__':\n    run()\n";
    let (project, _) = found(&[
        (
            "pyproject.toml",
            "[project]\nname = \"x\"\nversion = \"1\"\ndependencies = [\"flask\"]\n[project.scripts]\nx = \"web:run\"\n",
        ),
        ("web.py", &code.replace("app = Flask(__name__)\n", "app = make()\n")),
    ]);
    assert_eq!(project.listen, []);
}

#[test]
fn a_script_of_the_shell_is_what_it_runs() {
    let files = |script: &'static str| {
        [
            ("requirements.txt", "flask==3.1.0\ngunicorn==23.0.0\n"),
            ("app.py", FLASK),
            ("Procfile", "web: bash run.sh\n"),
            ("run.sh", script),
        ]
    };
    let plain = "#!/bin/bash\nset -e\n# the tables\nflask db upgrade\nexec gunicorn app:app\n";
    assert_eq!(start(&files(plain)), "flask db upgrade && gunicorn app:app");
    assert_eq!(start(&files("exec gunicorn app:app\n")), "gunicorn app:app");
    let decides = "if [ -n \"$DEV\" ]; then\n  flask run\nfi\ngunicorn app:app\n";
    assert_eq!(start(&files(decides)), "bash run.sh");
}

#[test]
fn an_exported_list_pins_what_a_pipfile_names() {
    let pipfile = "[packages]\nflask = \"*\"\n[requires]\npython_version = \"3.11\"\n";
    let tool = |list: &'static str| {
        found(&[("Pipfile", pipfile), ("requirements.txt", list), ("app.py", FLASK)]).1.tool.id
    };
    assert_eq!(tool("flask==3.1.0; python_version >= '3.9'\n"), "pip");
    assert_eq!(tool("flask\n"), "pipenv");
}

#[test]
fn what_else_runs_in_a_file_that_imports_a_framework() {
    let code = "import os\nfrom web import app\nfrom jobs import importer\ndef main():\n    job = importer()\n    job.run()\n    app.run(host=os.environ.get('HOST', '0.0.0.0'), port=int(os.environ.get('PORT', 7000)))\nif __name__ == '__main__':\n    main()\n";
    let (project, _) = found(&[
        (
            "pyproject.toml",
            "[project]\nname = \"x\"\nversion = \"1\"\ndependencies = [\"flask\"]\n[project.scripts]\nx = \"run:main\"\n",
        ),
        ("run.py", code),
        ("web.py", &FLASK.replace("app =", "app = make()\nother =")),
        ("jobs.py", "from flask import Flask\ndef importer():\n    pass\n"),
    ]);
    let ports: Vec<u16> = project.listen.iter().map(|one| one.value.port).collect();
    assert_eq!((ports, project.notes.iter().any(|note| note.code == "local-address")), (vec![7000], false));
}

#[test]
fn an_old_django_bounds_the_interpreter() {
    let manage = "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n";
    let (project, _) = found(&[
        ("requirements.txt", "Django==1.10.5\n"),
        ("manage.py", manage),
        ("shop/wsgi.py", "application = 1\n"),
        ("shop/settings.py", ""),
    ]);
    assert!(project.versions.iter().any(|one| one.value == Bound::Range("<3.7".to_owned())), "{project:?}");
}
