"""Secrets of known formats, made when the tests run, and ordinary values.

No secret stands here, nor anything that a scanner would take for one: a token is put together of its parts.
"""

import base64
import hashlib
import json
import random
import string
import uuid

HEX = string.hexdigits[:16]
ALNUM = string.ascii_letters + string.digits
UPPER = string.ascii_uppercase + string.digits
WORD = ALNUM + "_-"
BASE32 = "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L"


class Maker:
    """Makes the random part of tokens."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def of(self, letters: str, count: int) -> str:
        return "".join(self.random.choices(letters, k=count))

    def alnum(self, count: int) -> str:
        """Return letters and digits that begin and end with a letter, so that no format's edge is by chance."""
        return f"a{self.of(ALNUM, count - 2)}Z"

    def hexadecimal(self, count: int) -> str:
        return self.of(HEX, count)

    def uuid(self) -> str:
        return str(uuid.UUID(int=self.random.getrandbits(128)))

    def jwt(self) -> str:
        parts = ({"alg": "HS256", "typ": "JWT"}, {"sub": self.of(string.digits, 8), "iat": 1767600000})
        encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts]
        return ".".join([*encoded, self.of(ALNUM, 43) + "A"])


def tokens(seed: int = 1) -> dict[str, tuple[str, str]]:
    """Return secrets by format, each with the kind it is told as."""
    m = Maker(seed)
    private = "PRIVATE" + " KEY"
    return {
        "anthropic": ("an Anthropic key", "sk-" + "ant-api03-" + m.alnum(93) + "AA"),
        "openai-project": ("an OpenAI key", "sk-" + "proj-" + m.alnum(48)),
        "openai": ("an OpenAI key", "sk-" + m.alnum(20) + "T3Blbk" + "FJ" + m.alnum(20)),
        "openrouter": ("an OpenRouter key", "sk-" + "or-v1-" + m.hexadecimal(64)),
        "huggingface": ("a Hugging Face token", "hf" + "_" + m.alnum(34)),
        "groq": ("a Groq key", "gsk" + "_" + m.alnum(52)),
        "replicate": ("a Replicate token", "r8" + "_" + m.alnum(37)),
        "perplexity": ("a Perplexity key", "pplx" + "-" + m.alnum(48)),
        "xai": ("an xAI key", "xai" + "-" + m.alnum(80)),
        "google": ("a Google API key", "AIza" + "Sy" + m.alnum(33)),
        "google-oauth": ("a Google OAuth secret", "GOCSPX" + "-" + m.alnum(28)),
        "aws": ("an AWS key", "AKIA" + m.of(UPPER, 16)),
        "aws-session": ("an AWS key", "ASIA" + m.of(UPPER, 16)),
        "aws-secret": ("an AWS secret key", f'aws_secret_access_key = "{m.of(ALNUM, 40)}"'),
        "azure-storage": ("an Azure storage key", "AccountKey" + "=" + m.of(ALNUM, 86) + "=="),
        "azure-client": ("an Azure client secret", m.alnum(3) + "8Q~" + m.alnum(34)),
        "azure-key": ("an Azure key", m.alnum(52) + "JQQJ" + "99" + m.alnum(26)),
        "azure-sas": ("an Azure SAS token", f"https://x.example.com/c?sv=1&sig={m.of(ALNUM, 43)}%3D"),
        "digitalocean": ("a DigitalOcean token", "dop" + "_v1_" + m.hexadecimal(64)),
        "alibaba": ("an Alibaba Cloud key", "LTAI" + m.alnum(20)),
        "cloudflare": ("a Cloudflare token", "cfut" + "_" + m.alnum(40) + m.hexadecimal(8)),
        "databricks": ("a Databricks token", "dapi" + m.hexadecimal(32)),
        "heroku": ("a Heroku key", "HRKU" + "-AA" + m.alnum(58)),
        "netlify": ("a Netlify token", "nfp" + "_" + m.alnum(36)),
        "supabase": ("a Supabase token", "sbp" + "_" + m.hexadecimal(40)),
        "planetscale": ("a PlanetScale token", "pscale" + "_tkn_" + m.alnum(43)),
        "vault": ("a Vault token", "hvs" + "." + m.alnum(90)),
        "terraform": ("a Terraform token", m.alnum(14) + ".atlas" + "v1." + m.alnum(67)),
        "doppler": ("a Doppler token", "dp" + ".st.dev." + m.alnum(43)),
        "onepassword": ("a 1Password token", "ops" + "_eyJ" + m.alnum(250)),
        "age": ("an age key", "AGE-SECRET-" + "KEY-1" + m.of(BASE32, 58)),
        "ssh": ("a private key", f"-----BEGIN OPENSSH {private}-----\n{m.of(ALNUM, 70)}\n-----END"),
        "pem": ("a private key", f"-----BEGIN {private}-----\n{m.of(ALNUM, 64)}\n-----END {private}-----"),
        "encrypted-pem": ("a private key", f"-----BEGIN ENCRYPTED {private}-----\n{m.of(ALNUM, 64)}"),
        "pgp": ("a private key", f"-----BEGIN PGP {private} BLOCK-----\n\n{m.of(ALNUM, 64)}"),
        "putty": ("a private key", "PuTTY-User-" + "Key-File-3: ssh-ed25519"),
        "github": ("a GitHub token", "ghp" + "_" + m.alnum(36)),
        "github-app": ("a GitHub token", "ghs" + "_" + m.alnum(36)),
        "github-fine": ("a GitHub token", "github" + "_pat_" + m.alnum(22) + "_" + m.alnum(59)),
        "gitlab": ("a GitLab token", "glpat" + "-" + m.alnum(20)),
        "gitlab-runner": ("a GitLab token", "glrt" + "-" + m.alnum(20)),
        "atlassian": ("an Atlassian token", "ATATT3" + "xFfGF0" + m.alnum(180)),
        "npm": ("an npm token", "npm" + "_" + m.alnum(36)),
        "npmrc": ("an npm token", f"//npm.example.com/:_auth{'Token'}={m.uuid()}"),
        "pypi": ("a PyPI token", "pypi" + "-AgEIcHlwaS5vcmc" + m.alnum(90)),
        "rubygems": ("a RubyGems key", "rubygems" + "_" + m.hexadecimal(48)),
        "crates": ("a crates.io token", "cio" + m.alnum(32)),
        "docker": ("a Docker token", "dckr" + "_pat_" + m.alnum(27)),
        "linear": ("a Linear key", "lin" + "_api_" + m.alnum(40)),
        "notion": ("a Notion token", "ntn" + "_" + m.alnum(46)),
        "notion-old": ("a Notion token", "secret" + "_" + m.alnum(43)),
        "slack": ("a Slack token", "xox" + f"b-{m.of('123456789', 12)}-{m.of('123456789', 13)}-{m.alnum(24)}"),
        "slack-app": ("a Slack token", "xapp" + f"-1-A{m.of(UPPER, 10)}-{m.of('123456789', 13)}-{m.hexadecimal(64)}"),
        "slack-webhook": (
            "a Slack webhook",
            "https://hooks." + f"slack.com/services/T{m.of(UPPER, 8)}/B{m.of(UPPER, 8)}/{m.alnum(24)}",
        ),
        "discord": (
            "a Discord token",
            base64.b64encode(m.of("123456789", 18).encode()).decode() + f".{m.alnum(6)}.{m.alnum(27)}",
        ),
        "telegram": ("a Telegram token", m.of("123456789", 10) + ":A" + m.alnum(34)),
        "airtable": ("an Airtable token", "pat" + m.alnum(14) + "." + m.hexadecimal(64)),
        "figma": ("a Figma token", "figd" + "_" + m.alnum(40)),
        "postman": ("a Postman key", "PMAK" + f"-{m.hexadecimal(24)}-{m.hexadecimal(34)}"),
        "stripe": ("a Stripe key", "sk" + "_live_" + m.alnum(24)),
        "stripe-test": ("a Stripe key", "rk" + "_test_" + m.alnum(24)),
        "stripe-webhook": ("a webhook secret", "whsec" + "_" + m.alnum(32)),
        "shopify": ("a Shopify token", "shpat" + "_" + m.hexadecimal(32)),
        "square": ("a Square secret", "sq0csp" + "-" + m.alnum(43)),
        "twilio": ("a Twilio key", "SK" + m.hexadecimal(32)),
        "sendgrid": ("a SendGrid key", f"SG.{m.alnum(22)}.{m.alnum(43)}"),
        "mailgun": ("a Mailgun key", "key" + "-" + m.hexadecimal(32)),
        "mailchimp": ("a Mailchimp key", m.hexadecimal(32) + "-us" + "12"),
        "brevo": ("a Brevo key", "xkeysib" + f"-{m.hexadecimal(64)}-{m.alnum(16)}"),
        "newrelic": ("a New Relic key", "NRAK" + "-" + m.of(UPPER, 27)),
        "grafana": ("a Grafana token", "glsa" + f"_{m.alnum(32)}_{m.hexadecimal(8)}"),
        "sentry": ("a Sentry token", "sntryu" + "_" + m.hexadecimal(64)),
        "pulumi": ("a Pulumi token", "pul" + "-" + m.hexadecimal(40)),
        "jwt": ("a JSON Web Token", m.jwt()),
        "url": ("a URL with a password", f"https://ana:{m.alnum(9)}@git.example.com/team/state.git"),
        "url-marks": ("a URL with a password", f"postgres://app:p$!{m.alnum(6)}*@db.example.com:5432/app"),
        "url-no-user": ("a URL with a password", f"redis://:{m.alnum(12)}@cache.example.com:6379/0"),
    }  # fmt: skip


PROSE = (
    "The task-force met; risk-assessment and desk-research are done, sk-learn is not used.",
    "Ask-me-anything: disk-usage, mask-image, whisk-away, brisk-walk, husk-proof",
    "Benutzer melden sich mit einem Passkey an, sobald die Prüfung abgeschlossen ist: Grüße aus Köln!",
    "L'équipe « produit » attend la clé privée du serveur ; à vérifier avant lundi.",
    "El equipo revisó la contraseña caducada y la sesión del usuario número 42.",
    "Команда проверила токен доступа и закрыла задачу.",
    "チームはトークンの期限を確認しました。次のスプリントで対応します。",
    "团队检查了访问令牌，并在下一个冲刺中处理。",
    "تحقق الفريق من رمز الوصول وأغلق المهمة.",
    "Rotate the API key; the password policy says 12 characters. Secret santa is on Friday.",
    "See https://example.com/docs?key=value&token=abc and mail ops@example.com by 12:30.",
    "Key results: 3 of 5. Token budget: 200k. AccountKey rotation is planned, AWS access keys, too.",
    "AWS_PROFILE=dev aws s3 cp build s3://bucket/releases/2026-01-05/ --recursive",
    "npm config has an _authToken; take it from the environment: ${NPM_TOKEN}",
    "postgres://app:${DB_PASSWORD}@db/app and https://user:<password>@host, redis://:****@cache",
    "amqp://user:{password}@host and smtp://me:xxxxxx@mail.example.com are examples",
    "It begins with ghp_ or github_pat_, ours with glpat-; OpenAI's are sk-proj-… now.",
    "Export BEGIN CERTIFICATE blocks only; the private key stays where it is. PRIVATE KEYS ARE PRIVATE",
    "eyJ is how a JSON Web Token begins, as does eyJhbGciOiJub25lIn0 alone.",
    "ACCEPTANCE: ASIA PACIFIC ROLLOUT, AKIARA PROJECT; SKUs of ACME",
)
CODE = (
    "https://ana@git.example.com/team/state.git",
    "git@git.example.com:team/state.git",
    "ssh://git@git.example.com:22/team/state.git",
    "git+ssh://git@example.com/x.git#v1.2.3",
    "http://localhost:8080/@scope/package?x=1@2",
    "https://example.com:8443/path/to@file",
    "file:///home/ana/projects/app/src/main.py",
    "/usr/local/lib/python3.11/site-packages/somepackage/module_with_long_name/implementation_details.py",
    "C:\\Users\\ana\\AppData\\Local\\Programs\\app\\bin\\very-long-file-name-for-a-program.exe",
    "src/components/SettingsPanel/__tests__/SettingsPanel.integration.test.tsx",
    "com.example.NotificationServiceManager.handle.processIncomingOrderMessageNow(OrderFile.java:42)",
    "My_long_module_name_here_abc.module.some_function_name_27_chars_long",
    "OrderConfirmationMailer24.sender.sendOrderConfirmationEmailNow",
    "arn:aws:iam::123456789012:role/service-role/AWSLambdaBasicExecutionRole-with-a-long-name",
    "registry.example.com/team/app@sha256:"
    + "3f786850e387550fdab836ed7e6dc881de23001b89a2f3c6d1f0e5b4a7c8d9e0",
    "library/postgres:16.4-alpine3.20",
    "20240115:3f786850e387550fdab836ed7e6dc881de23001b",
    "build 12345678:some-long-kebab-case-name-of-a-branch-here",
    "@scope/some-package@^12.3.4-beta.1+build.5",
    "@types/node@20.11.30, eslint-plugin-react-hooks@4.6.0",
    "Traceback (most recent call last):\n  File \"/app/main.py\", line 3, in <module>\nKeyError: 'key'",
    "Error: ECONNREFUSED 127.0.0.1:5432\n    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1595:16)",
    "SELECT u.id, u.password_hash FROM users u JOIN tokens t ON t.user_id = u.id WHERE t.key LIKE 'sk%';",
    "CREATE TABLE access_tokens (id uuid PRIMARY KEY, token text NOT NULL, secret_hash bytea);",
    "UPDATE config SET value = 'AC' WHERE key = 'SK' AND us-east-1 = us-east-1",
    ".task-card { background: #ff8800; mask-image: url(data:image/png;base64,iVBORw0KGgo=); }",
    "linear-gradient(90deg, #1e90ff 0%, rgba(30, 144, 255, 0.25) 100%)",
    "const sk_test = process.env.STRIPE_KEY; // sk_live_ or sk_test_",
    "feature_flags_configuration.pre_release.re_indexing_enabled",
    "do_v1_migration_of_the_documents_table_to_the_new_partitioned_layout_without_downtime",
    "# Heading\n\n- [x] done\n- [ ] **open**: `code`\n\n| a | b |\n| --- | --- |\n| 1 | 2 |",
    "[link](https://example.com/a:b), (http://localhost:3000),@ada",
    "curl -sSf -H 'Accept: application/json' https://api.example.com/v1/users | jq -r '.[].id'",
    "key=value; path=/; Max-Age=3600; SameSite=Lax; HttpOnly",
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHJhbmRvbXB1YmxpY2tleWJ5dGVzMDEyMzQ1Njc4OTA ana@laptop",
    "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQC7 ben@desktop",
    "-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIUEAAAAAAAAAAAAAAAAAAAAAAAAAAwCg==\n-----END CERTIFICATE-----",
    "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE\n-----END PUBLIC KEY-----",
    "TASK-12-k7q2 depends on TASK-3-dtpy, BLK-7, HO-2-963b and DEC-11",
    "EPIC-user-auth/sprint-2026-03/retro",
    "v1.0-rc.1, v1.0-beta, 1.0.0-alpha+001, 10.20.30-DEV-SNAPSHOT",
    "+49 30 901820, (555) 123-4567, 0044 20 7946 0958",
    "2026-01-05T09:00:00.123456+01:00/P1DT12H",
    "key-value store; key-results; api-gateway; pul-request; pat-on-the-back",
    "dapi is an API; hfs and hf_hub; npm_config_registry; glc and glsa",
    "APDeliveryServiceImplementation AKCeptance APAC APARTMENTBUILDING",
    "sha512-" + "A" * 86 + "==",
    "A" * 120,
    "0" * 64,
    "x" * 200,
    "data:application/octet-stream;base64,EAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==",
)


def ordinary(seed: int = 1) -> list[str]:
    """Return values that no secret is, more than 300."""
    m = Maker(seed)
    blobs = [m.random.randbytes(count) for count in range(8, 72)]
    made = [
        *(m.uuid() for _ in range(40)),
        *(m.uuid().upper() for _ in range(10)),
        *(hashlib.sha1(blob).hexdigest() for blob in blobs[:30]),
        *(hashlib.sha256(blob).hexdigest() for blob in blobs[:30]),
        *(hashlib.md5(blob, usedforsecurity=False).hexdigest() for blob in blobs[:15]),
        *(hashlib.sha256(blob).hexdigest().upper() for blob in blobs[:20]),
        *(f"sha512-{base64.b64encode(hashlib.sha512(blob).digest()).decode()}" for blob in blobs[:30]),
        *(f"sha256:{hashlib.sha256(blob).hexdigest()}" for blob in blobs[:10]),
        *(base64.b64encode(blob).decode() for blob in blobs),
        *(base64.urlsafe_b64encode(blob).decode() for blob in blobs[:30]),
        *(base64.b64encode(text.encode()).decode() for text in PROSE),
        *(f"2026-{1 + n % 12:02}-{1 + n % 28:02}T{n % 24:02}:15:00Z" for n in range(10)),
        *(f"{m.of(string.ascii_lowercase, 7)}.{m.alnum(5)}+tag@mail.example.com" for _ in range(10)),
        *(f"#{m.hexadecimal(6)}" for _ in range(8)),
        *(f"TASK-{n}-{m.of(string.ascii_lowercase + string.digits, 4)}" for n in range(10)),
        *(f"{n}.{n + 3}.{n * 7}-rc.{n}" for n in range(8)),
        json.dumps({"key": m.uuid(), "token": None, "commit": hashlib.sha1(b"x").hexdigest()}),
    ]
    return [*PROSE, *CODE, *made]
