"""Compares `outcrop configure` with the aws command line: the same commands in two homes, and files that mean the same.

    python configure.py PATH/TO/outcrop

Needs `awscli` (PyPI) in the Python that runs it. Files are compared as botocore reads them; besides, everything in them that
was not asked to change has to be there to the byte, only their owner may read them, and the aws command line has to read what
outcrop wrote. Exits with 1 where something differs.
"""
import contextlib
import io
import os
import stat
import subprocess
import sys
import tempfile

import awscli.clidriver

try:
    import botocore.configloader as loader
    import botocore.session as session
except ImportError:  # awscli 1.46 brings its own
    import awscli.botocore.configloader as loader
    import awscli.botocore.session as session

ID, SECRET, TOKEN = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "FwoGZXIvYXdzEBYaD//token=="
ROLE = "arn:aws:iam::123456789012:role/app"

# Files that are there before: config, credentials.
BEFORE = [
    (None, None),
    ("", ""),
    ("[default]\nregion = eu-west-1\n", "[default]\naws_access_key_id = AKIAOLD\naws_secret_access_key = old\n"),
    ("[default]\nregion=eu-west-1", "[default]\naws_access_key_id=AKIAOLD\naws_secret_access_key=old"),
    ("# mine\n\n[profile work]\n; near\nregion   =   eu-west-1\noutput=text\n\n[profile other]\nregion = us-east-2\n\n# end\n",
     "# keys\n[other]\naws_access_key_id = AKIAOTHER\naws_secret_access_key = other\n\n[work]\naws_access_key_id = AKIAOLD\naws_secret_access_key = old\n"),
    ("[profile work]\r\nregion = eu-west-1\r\ns3 =\r\n  max_concurrent_requests = 20\r\n  addressing_style = path\r\n\r\n[default]\r\noutput = json\r\n",
     "[default]\r\naws_access_key_id = AKIAOLD\r\naws_secret_access_key = old\r\n"),
    ("[profile \"my team\"]\nregion = us-east-2\n[preview]\ncloudfront = true\n[services local]\nbedrock_runtime =\n  endpoint_url = http://127.0.0.1:9473\n[profile work]\nservices = local\n",
     "[work]\naws_access_key_id = AKIAOLD\naws_secret_access_key = old\naws_session_token = oldtoken\n"),
    ("[sso-session corp]\nsso_region = us-east-1\nsso_start_url = https://corp.awsapps.com/start\n[profile sso]\nsso_session = corp\n", None),
]


def aws_set(key, value, *flags):
    return (["configure", "set", key, value, *flags], None)


def of(profile):
    return [] if profile is None else ["--profile", profile]


def steps(profile):
    """What is asked of either: a name, commands of aws, commands of outcrop; a command is its arguments and its input."""
    flags = of(profile)
    keys = [aws_set("aws_access_key_id", ID, *flags), aws_set("aws_secret_access_key", SECRET, *flags)]
    answers = f"{ID}\n{SECRET}\nus-west-2\njson\n"
    yield "answers", [(["configure", *flags], answers)], [(["configure", *flags], answers)]
    kept = "\n\nus-west-2\n\n"
    yield "answers that keep", [(["configure", *flags], kept)], [(["configure", *flags], kept)]
    yield ("region", [aws_set("region", "ap-south-1", *flags)], [(["configure", *flags, "--region", "ap-south-1"], None)])
    yield ("set region", [aws_set("region", "ap-south-1", *flags)], [aws_set("region", "ap-south-1", *flags)])
    yield ("keys", keys, [(["configure", *flags, "--access-key-id", ID, "--secret-access-key", "-"], SECRET + "\n")])
    yield ("keys and token", [*keys, aws_set("aws_session_token", TOKEN, *flags)],
           [(["configure", *flags, "--access-key-id", ID, "--secret-access-key", "-", "--session-token", "-"], f"{SECRET}\n{TOKEN}\n")])
    yield ("set keys", keys, [aws_set("aws_access_key_id", ID, *flags), (["configure", "set", "aws_secret_access_key", "-", *flags], SECRET)])
    section = "default" if profile is None else f"profile.{profile}"
    if "." not in section.removeprefix("profile.") and " " not in section:
        dotted = aws_set(f"{section}.region", "eu-north-1")
        yield "set by section", [dotted], [dotted]
    yield ("endpoint", [aws_set("endpoint_url", "http://127.0.0.1:9473", *flags)],
           [(["configure", *flags, "--endpoint-url", "http://127.0.0.1:9473"], None)])
    sso = {"sso_start_url": "https://corp.awsapps.com/start", "sso_region": "eu-west-1", "sso_account_id": "123456789012", "sso_role_name": "Dev"}
    typed = [part for key, value in sso.items() for part in ("--" + key.replace("_", "-"), value)]
    yield ("sso", [aws_set(key, value, *flags) for key, value in sso.items()], [(["configure", *flags, *typed], None)])
    role = {"role_arn": ROLE, "credential_source": "Environment", "external_id": "x", "role_session_name": "nightly"}
    typed = [part for key, value in role.items() for part in ("--" + key.replace("_", "-"), value)]
    yield ("role", [aws_set(key, value, *flags) for key, value in role.items()], [(["configure", *flags, *typed], None)])


def outcrop(home, arguments, text):
    env = {"HOME": home, "AWS_EC2_METADATA_DISABLED": "true"}
    done = subprocess.run([os.path.abspath(sys.argv[1]), *arguments], input=text, env=env, capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


def aws(home, arguments, text):
    """The aws command line, in this process: starting it takes longer than everything else here."""
    kept = dict(os.environ)
    for name in [name for name in kept if name.startswith("AWS_") and name != "AWS_DATA_PATH"]:
        del os.environ[name]
    os.environ["HOME"] = home
    stdin, sys.stdin = sys.stdin, io.StringIO(text)
    out, told = io.StringIO(), io.StringIO()
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(told):
            code = awscli.clidriver.create_clidriver().main(arguments)
    except SystemExit as end:
        code = end.code
    finally:
        sys.stdin = stdin
        os.environ.clear()
        os.environ.update(kept)
    return code or 0, out.getvalue(), told.getvalue()


class Home:
    def __init__(self, before):
        self.folder = tempfile.TemporaryDirectory()
        self.files = [os.path.join(self.folder.name, ".aws", name) for name in ("config", "credentials")]
        for path, text in zip(self.files, before):
            if text is not None:
                os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
                with open(path, "w", newline="") as file:
                    file.write(text)

    def run(self, program, commands):
        for arguments, text in commands:
            code, _, told = program(self.folder.name, arguments, text or "")
            if code != 0:
                return f"{arguments}: exit {code}: {told.strip()}"
        return None

    def bytes(self, path):
        return open(path, "rb").read() if os.path.exists(path) else b""

    def meaning(self):
        return [loader.load_config(path) if os.path.exists(path) else {} for path in self.files]


def credentials_meaning(path):
    return loader.raw_config_parse(path) if os.path.exists(path) else {}


def significant(raw):
    """An empty section is no section."""
    return {name: values for name, values in raw.items() if values}


def main():
    failures, compared = [], 0
    for number, before in enumerate(BEFORE):
        for profile in (None, "work", "other"):
            for name, of_aws, of_outcrop in steps(profile):
                what = f"files {number}, profile {profile}, {name}"
                theirs, ours = Home(before), Home(before)
                failed = theirs.run(aws, of_aws), ours.run(outcrop, of_outcrop)
                if failed != (None, None):
                    failures.append(f"{what}: {failed}")
                    continue
                compared += 1
                meant = [significant(credentials_meaning(path)) for path in theirs.files]
                mean = [significant(credentials_meaning(path)) for path in ours.files]
                if meant != mean:
                    failures.append(f"{what}: aws wrote {meant}\n  outcrop wrote {mean}")
                for path in ours.files:
                    if not os.path.exists(path):
                        continue
                    changed = ours.bytes(path) != (before[ours.files.index(path)] or "").encode()
                    if changed and stat.S_IMODE(os.stat(path).st_mode) != 0o600:
                        failures.append(f"{what}: {path} has mode {oct(os.stat(path).st_mode)}")
                    failures.extend(f"{what}: {why}" for why in lost(before[ours.files.index(path)] or "", ours.bytes(path)))
                    failures.extend([f"{what}: both files have to be read"] if not readable(path) else [])
                failures.extend(f"{what}: {why}" for why in taken(ours, profile))
                if before == (None, None) and os.path.exists(os.path.dirname(ours.files[0])) and stat.S_IMODE(os.stat(os.path.dirname(ours.files[0])).st_mode) != 0o700:
                    failures.append(f"{what}: the folder can be looked into")
    failures.extend(sso_session())
    compared += 1
    for failure in failures:
        print(failure)
    print(f"{compared} compared, {len(failures)} differ")
    return 1 if failures or compared < 10 else 0


EDITED = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token", "region", "output", "endpoint_url",
          "sso_", "role_arn", "credential_source", "external_id", "role_session_name")


def lost(before, after):
    """Lines that speak of nothing edited and are not there any more, with their endings and in their order."""
    kept = [line for line in before.splitlines(keepends=True)
            if not line.strip().startswith(EDITED)]
    text = after.decode()
    at = 0
    for line in kept:
        bare = line.rstrip("\r\n") if line == before.splitlines(keepends=True)[-1] else line
        found = text.find(bare, at)
        if found < 0:
            yield f"lost {line!r} of {before!r}: {text!r}"
            return
        at = found + len(bare)


def readable(path):
    try:
        loader.load_config(path)
        return True
    except Exception as error:  # botocore's errors have no common base here
        print(error)
        return False


def taken(home, profile):
    """What botocore and the aws command line make of the files that outcrop wrote."""
    config = credentials_meaning(home.files[0]).get("default" if profile is None else f"profile {profile}", {})
    for key in ("region", "sso_start_url", "role_arn"):
        if key in config:
            _, said, told = aws(home.folder.name, ["configure", "get", key, *of(profile)], "")
            if said.strip() != config[key]:
                yield f"aws configure get {key} says {said!r} {told!r} and not {config[key]!r}"
            break


def sso_session():
    """A section of its own, which `aws configure set` has no words for: as botocore reads it."""
    home = Home((None, None))
    arguments = ["configure", "--profile", "dev", "--sso-session", "corp", "--sso-start-url", "https://corp.awsapps.com/start",
                 "--sso-region", "eu-west-1", "--sso-account-id", "123456789012", "--sso-role-name", "Dev", "--region", "us-east-1"]
    failed = home.run(outcrop, [(arguments, None)])
    if failed:
        yield f"sso session: {failed}"
        return
    found = loader.load_config(home.files[0])
    expected = {
        "profiles": {"dev": {"region": "us-east-1", "sso_session": "corp", "sso_account_id": "123456789012", "sso_role_name": "Dev"}},
        "sso_sessions": {"corp": {"sso_start_url": "https://corp.awsapps.com/start", "sso_region": "eu-west-1",
                                  "sso_registration_scopes": "sso:account:access"}},
        "services": {},
    }
    if found != expected:
        yield f"sso session: {found}"
    os.environ.update(AWS_CONFIG_FILE=home.files[0], AWS_SHARED_CREDENTIALS_FILE=home.files[1])
    try:
        scoped = session.Session(profile="dev").get_scoped_config()
        if scoped.get("sso_session") != "corp":
            yield f"sso session: botocore's session says {scoped}"
    finally:
        for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
            os.environ.pop(name)


if __name__ == "__main__":
    sys.exit(main())
