#!/bin/bash
# Claude Code itself against a local Bedrock: its start-up probes and whole conversations, signed, with a Bedrock API
# key, and with the ARN of an application inference profile.
#
# usage: claude_code.sh OUTCROP
# CLAUDE_CODE is the folder that has node_modules/@anthropic-ai/claude-code; without it, one is made for the run.
# Nothing is installed globally. Needs npm, node and curl, and about 300 MB in a folder of its own.
set -u
passed=0
outcrop=$(readlink -f "${1:?usage: $0 OUTCROP}")
work=$(mktemp -d)
server=
finish() { [ -n "$server" ] && kill "$server" 2>/dev/null; rm -rf "$work"; }
trap finish EXIT
fail() { echo "FAILED: $*" >&2; echo "--- server:" >&2; tail -40 "$work/server" >&2; exit 1; }

code=${CLAUDE_CODE:-$work/code}
if [ ! -x "$code/node_modules/.bin/claude" ]; then
    mkdir -p "$code" || exit 1
    (cd "$code" && echo "{}" >package.json && npm install --no-audit --no-fund @anthropic-ai/claude-code) >"$work/npm" 2>&1 ||
        { cat "$work/npm" >&2; echo "Claude Code cannot be installed" >&2; exit 1; }
    # Where scripts of packages are not run, the program is put in place by its own.
    (cd "$code" && node node_modules/@anthropic-ai/claude-code/install.cjs) >>"$work/npm" 2>&1
fi
claude=$code/node_modules/.bin/claude
echo "Claude Code $("$claude" --version)" || fail "it does not run"

# The mirror calls tools that are named to it, and Claude Code names its own in every question: a script answers.
printf '[[rule]]\nreply.text = "Hello from the outcrop."\n' >"$work/rules.toml"
"$outcrop" local --listen 127.0.0.1:0 --script "$work/rules.toml" >"$work/listening" 2>"$work/server" &
server=$!
for _ in $(seq 100); do grep -qs listening "$work/listening" && break; sleep 0.1; done
url=$(sed -n 's/^listening on //p' "$work/listening")
[ -n "$url" ] || fail "the server did not start"
mapfile -t keys < <("$outcrop" local --env | sed -n 's/^export \(AWS_ACCESS_KEY_ID\|AWS_SECRET_ACCESS_KEY\)=/\1=/p' | tr -d "'\"")
bearer=$("$outcrop" local --env --bearer | sed -n 's/^export AWS_BEARER_TOKEN_BEDROCK=//p' | tr -d "'\"")
[ ${#keys[@]} = 2 ] && [ -n "$bearer" ] || fail "the server's keys are not known"

# Asks something; the first argument says how, the second which model, the others are variables.
ask() {
    local how=$1 model=$2
    shift 2
    mkdir -p "$work/home-$how" "$work/dir"
    lines=$(wc -l <"$work/server")
    (cd "$work/dir" && env -i PATH="$PATH" HOME="$work/home-$how" CLAUDE_CODE_USE_BEDROCK=1 AWS_REGION=us-east-1 \
        ANTHROPIC_BEDROCK_BASE_URL="$url" DISABLE_TELEMETRY=1 DISABLE_ERROR_REPORTING=1 DISABLE_AUTOUPDATER=1 \
        CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1 AWS_EC2_METADATA_DISABLED=true "$@" \
        timeout 120 "$claude" -p "Say hello to the outcrop" --model "$model") >"$work/out" 2>"$work/err" </dev/null
}
said() { tail -n +$((lines + 1)) "$work/server"; }
answered() {
    ask "$@" || fail "$1: $(head -c 600 "$work/out") $(head -c 600 "$work/err")"
    grep -q "Hello from the outcrop" "$work/out" || fail "$1: another answer: $(head -c 600 "$work/out")"
    passed=$((passed + 1))
    echo "ok $1: $(head -c 70 "$work/out" | tr '\n' ' ')"
    said | grep -i "refused" && fail "$1: something was refused"
    return 0
}

answered signed us.anthropic.claude-opus-4-6-v1 "${keys[@]}"
answered bearer us.anthropic.claude-sonnet-4-6 AWS_BEARER_TOKEN_BEDROCK="$bearer"
arn=$(env -i PATH="$PATH" HOME="$work" AWS_REGION=us-east-1 AWS_ENDPOINT_URL_BEDROCK="$url" "${keys[@]}" \
    "$outcrop" models profiles create "claude code" --from us.opus) || fail "no profile was made"
answered profile "$arn" "${keys[@]}"

# Nobody is known without a signature: AWS refuses that, and so does it.
if ask unsigned us.anthropic.claude-opus-4-6-v1 CLAUDE_CODE_SKIP_BEDROCK_AUTH=1; then fail "unsigned calls are answered"; fi
said | grep -q "MissingAuthenticationToken" || fail "unsigned: $(head -c 600 "$work/out")"
passed=$((passed + 1))
echo "ok unsigned is refused"
for probe in / /api/hello; do
    status=$(curl -s -o /dev/null -w '%{http_code}' -I --max-time 10 "$url$probe")
    [ "$status" != 000 ] || fail "HEAD $probe has no answer"
    passed=$((passed + 1))
    echo "ok HEAD $probe: $status"
done
echo "$passed passed, 0 failed"
