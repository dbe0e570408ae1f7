"""The known formats of secrets: what each looks like, and by what a text without one is told at once.

A row is (needle, run, kind, pattern, source). The `needle` stands in every match of the `pattern`, and the
match holds a piece without a blank of at least `run` characters, the needle in it, so that a text without
needs no pattern; a negative run says that the needle may stand apart from that piece. A pattern does not
begin in the middle of a word: `task-proj-…` is none of `sk-proj-…`. They are plain tuples, for a write
loads them; a pattern is compiled only when its needle is found.
"""

Row = tuple[str, int, str, str, str]

_UUID = "[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"
_USER = r"[^\s/?#:@()<>{}\[\]\"'`,;]*"
_PASSWORD = r"(?!\*+@|\$\w+@|%\w+%@|[xX]+@|\.+@)[^\s/?#()<>{}\[\]\"'`,;]+"
_URL = rf"[A-Za-z0-9][A-Za-z0-9+.-]{{0,30}}://{_USER}:{_PASSWORD}@(?=\S)"
_TEAMS = rf"[\w-]{{1,80}}\.webhook\.office\.com/webhookb2/{_UUID}@{_UUID}/"
_SLACK_FLOW = r"hooks\.slack\.com/(?:workflows|triggers)/\w+/\w+/\w+"
_BRAINTREE = r"access_token\$production\$[a-z0-9]{16}\$[0-9a-f]{32}"

FORMATS: tuple[Row, ...] = (
    # -- models
    ("sk-ant-", 27, "an Anthropic key", r"sk-ant-[\w-]{20,}", "gitleaks"),
    ("sk-proj-", 28, "an OpenAI key", r"sk-proj-[\w-]{20,}", "gitleaks"),
    ("sk-svcacct-", 31, "an OpenAI key", r"sk-svcacct-[\w-]{20,}", "gitleaks"),
    ("sk-admin-", 29, "an OpenAI key", r"sk-admin-[\w-]{20,}", "gitleaks"),
    ("sk-or-v1-", 73, "an OpenRouter key", r"sk-or-v1-[0-9a-f]{64}", "OpenRouter docs"),
    ("hf_", 37, "a Hugging Face token", r"hf_[A-Za-z0-9]{34,}", "gitleaks"),
    ("gsk_", 44, "a Groq key", r"gsk_[A-Za-z0-9]{40,}", "Groq docs"),
    ("r8_", 40, "a Replicate token", r"r8_[A-Za-z0-9]{37,}", "Replicate docs"),
    ("pplx-", 45, "a Perplexity key", r"pplx-[A-Za-z0-9]{40,}", "gitleaks"),
    ("xai-", 64, "an xAI key", r"xai-[A-Za-z0-9]{60,}", "xAI docs"),
    ("nvapi-", 66, "an NVIDIA key", r"nvapi-[\w-]{60,}", "NVIDIA docs"),
    ("pcsk_", 45, "a Pinecone key", r"pcsk_\w{40,}", "Pinecone docs"),
    ("lsv2_", 51, "a LangSmith key", r"lsv2_(?:pt|sk)_[0-9a-f]{32}_[0-9a-f]{10}", "LangSmith docs"),
    ("sk_", 51, "an ElevenLabs key", r"sk_[0-9a-f]{48}(?![A-Za-z0-9])", "ElevenLabs docs"),
    # -- clouds
    ("AIza", 39, "a Google API key", r"AIza[\w-]{35}(?![\w-])", "gitleaks"),
    ("GOCSPX-", 35, "a Google OAuth secret", r"GOCSPX-[\w-]{28}", "Google Cloud docs"),
    ("ya29.", 35, "a Google OAuth token", r"ya29\.[\w-]{30,}", "Google Cloud docs"),
    ("Q~", 37, "an Azure client secret", r"[\w~.]{3}[0-9]Q~[\w~.-]{31,34}(?![\w~-])", "Microsoft docs"),
    ("JQQJ99", 66, "an Azure key", r"[A-Za-z0-9]{40,60}JQQJ99[A-Za-z0-9]{20,}", "Microsoft docs"),
    ("SharedAccessKey=", 60, "an Azure access key", r"SharedAccessKey=[\w+/]{43}=", "Microsoft docs"),
    ("sig=", 45, "an Azure SAS token", r"sig=[\w%+/]{40,}(?:%3[Dd]|=)", "Microsoft docs"),
    ("do", 71, "a DigitalOcean token", r"do[opr]_v1_[0-9a-f]{64}", "gitleaks"),
    ("LTAI", 16, "an Alibaba Cloud key", r"LTAI[A-Za-z0-9]{12,26}(?![A-Za-z0-9])", "gitleaks"),
    ("AKID", 36, "a Tencent Cloud key", r"AKID[A-Za-z0-9]{32}(?![A-Za-z0-9])", "Tencent Cloud docs"),
    ("cfk_", 44, "a Cloudflare key", r"cfk_[A-Za-z0-9]{40,}", "Cloudflare docs"),
    ("cfut_", 45, "a Cloudflare token", r"cfut_[A-Za-z0-9]{40,}", "Cloudflare docs"),
    ("cfat_", 45, "a Cloudflare token", r"cfat_[A-Za-z0-9]{40,}", "Cloudflare docs"),
    ("v1.0-", 176, "a Cloudflare CA key", r"v1\.0-[0-9a-f]{24}-[0-9a-f]{146}", "Cloudflare docs"),
    ("dapi", 36, "a Databricks token", r"dapi[0-9a-f]{32}(?![A-Za-z0-9])", "gitleaks"),
    ("HRKU-", 41, "a Heroku key", r"HRKU-[\w-]{36,}", "gitleaks"),
    ("fo1_", 47, "a Fly.io token", r"fo1_[\w-]{43}", "gitleaks"),
    ("fm2_", 104, "a Fly.io token", r"fm2_[\w+/=,-]{100,}", "gitleaks"),
    ("nfp_", 40, "a Netlify token", r"nfp_\w{36,}", "Netlify docs"),
    ("rnd_", 32, "a Render key", r"rnd_[A-Za-z0-9]{28,}", "Render docs"),
    ("sbp_", 44, "a Supabase token", r"sbp_[0-9a-f]{40}", "Supabase docs"),
    ("sb_secret_", 30, "a Supabase key", r"sb_secret_[\w-]{20,}", "Supabase docs"),
    ("pscale_", 42, "a PlanetScale token", r"pscale_(?:tkn|oauth|pw)_[\w=.-]{32,}", "gitleaks"),
    ("napi_", 45, "a Neon key", r"napi_[a-z0-9]{40,}", "Neon docs"),
    ("tskey-", 28, "a Tailscale key", r"tskey-[a-z]+-[\w-]{20,}", "Tailscale docs"),
    # -- keys and vaults
    ("PRIVATE KEY", 0, "a private key", r"BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY", "RFC 7468"),
    ("b3BlbnNzaC1rZXktdjEA", 20, "a private key", r"b3BlbnNzaC1rZXktdjEA", "openssh PROTOCOL.key"),
    ("PuTTY-User-Key-File-", 0, "a private key", r"PuTTY-User-Key-File-[23]", "PuTTY docs"),
    ("AGE-SECRET-KEY-1", 74, "an age key", r"AGE-SECRET-KEY-1[0-9A-Z]{58}", "gitleaks"),
    ("hvs.", 28, "a Vault token", r"hvs\.[\w-]{24,}", "gitleaks"),
    ("hvb.", 28, "a Vault token", r"hvb\.[\w-]{24,}", "gitleaks"),
    ("hvr.", 28, "a Vault token", r"hvr\.[\w-]{24,}", "gitleaks"),
    (".atlasv1.", 80, "a Terraform token", r"\w{14}\.atlasv1\.[\w=-]{57,}", "gitleaks"),
    ("dp.", 46, "a Doppler token", r"dp\.(?:pt|st|ct|sa|scim|audit)\.[\w.-]{40,}", "gitleaks"),
    ("ops_eyJ", 100, "a 1Password token", r"ops_eyJ[\w+/=-]{93,}", "gitleaks"),
    ("A3-", 33, "a 1Password secret key", r"A3-[A-Z0-9]{6}(?:-[A-Z0-9]{5,11}){4,5}", "gitleaks"),
    ("pul-", 44, "a Pulumi token", r"pul-[0-9a-f]{40}(?![A-Za-z0-9])", "gitleaks"),
    # -- code and packages
    ("github_pat_", 47, "a GitHub token", r"github_pat_\w{36,}", "gitleaks"),
    ("glpat-", 26, "a GitLab token", r"glpat-[\w-]{20,}", "gitleaks"),
    ("ATATT3", 56, "an Atlassian token", r"ATATT3[\w=-]{50,}", "gitleaks"),
    ("ATCTT3", 56, "an Atlassian token", r"ATCTT3[\w=-]{50,}", "gitleaks"),
    ("ATBB", 28, "a Bitbucket password", r"ATBB[A-Za-z0-9]{24,}", "gitleaks"),
    ("npm_", 40, "an npm token", r"npm_[A-Za-z0-9]{36}", "gitleaks"),
    ("rubygems_", 57, "a RubyGems key", r"rubygems_[0-9a-f]{48}", "gitleaks"),
    ("cio", 35, "a crates.io token", r"cio[A-Za-z0-9]{32}(?![A-Za-z0-9])", "crates.io docs"),
    ("oy2", 46, "a NuGet key", r"oy2[a-z0-9]{43}(?![A-Za-z0-9])", "Microsoft docs"),
    ("dckr_", 36, "a Docker token", r"dckr_[po]at_[\w-]{27,}", "Docker docs"),
    ("AKCp", 73, "an Artifactory key", r"AKCp[A-Za-z0-9]{69}", "JFrog docs"),
    ("CLOJARS_", 68, "a Clojars token", r"CLOJARS_[0-9a-f]{60}", "gitleaks"),
    ("CCIPAT_", 70, "a CircleCI token", r"CCIPAT_[A-Za-z0-9]{22}_[0-9a-f]{40}", "CircleCI docs"),
    ("bkua_", 45, "a Buildkite token", r"bkua_[0-9a-f]{40}", "Buildkite docs"),
    ("sgp_", 44, "a Sourcegraph token", r"sgp_(?:[0-9a-f]{16}_|local_)?[0-9a-f]{40}", "gitleaks"),
    ("sq", 44, "a SonarQube token", r"sq[apu]_[0-9a-f]{40}", "SonarQube docs"),
    ("sha256~", 50, "an OpenShift token", r"sha256~[\w-]{43}(?![\w-])", "gitleaks"),
    ("API-", 30, "an Octopus key", r"API-[A-Z0-9]{26}(?![A-Z0-9])", "gitleaks"),
    # -- work and talk
    ("lin_api_", 48, "a Linear key", r"lin_api_[A-Za-z0-9]{40}", "gitleaks"),
    ("lin_oauth_", 74, "a Linear token", r"lin_oauth_[0-9a-f]{64}", "gitleaks"),
    ("ntn_", 44, "a Notion token", r"ntn_[A-Za-z0-9]{40,}", "gitleaks"),
    ("secret_", 50, "a Notion token", r"secret_[A-Za-z0-9]{43}(?![A-Za-z0-9])", "gitleaks"),
    ("xapp-", 19, "a Slack token", r"xapp-[0-9]-[A-Z0-9]+-[0-9]+-[A-Za-z0-9]{8,}", "gitleaks"),
    ("xoxe", 37, "a Slack token", r"xoxe(?:\.xox[bp])?-[0-9]-[A-Za-z0-9]{30,}", "gitleaks"),
    ("hooks.slack.com", 30, "a Slack webhook", _SLACK_FLOW, "gitleaks"),
    ("/api/webhooks/", 67, "a Discord webhook", r"discord(?:app)?\.com/api/webhooks/[0-9]+/[\w-]{40,}", "Discord docs"),
    (".webhook.office.com", 105, "a Teams webhook", _TEAMS, "Microsoft docs"),
    ("pat", 82, "an Airtable token", r"pat[A-Za-z0-9]{14}\.[0-9a-f]{64}", "Airtable docs"),
    ("figd_", 45, "a Figma token", r"figd_[\w-]{40}", "Figma docs"),
    ("PMAK-", 64, "a Postman key", r"PMAK-[0-9a-f]{24}-[0-9a-f]{34}", "gitleaks"),
    ("CFPAT-", 49, "a Contentful token", r"CFPAT-[\w-]{43}", "gitleaks"),
    ("tfp_", 63, "a Typeform token", r"tfp_[\w=.-]{59}", "gitleaks"),
    # -- money, shops and mail
    ("k_live_", 18, "a Stripe key", r"[rs]k_live_[A-Za-z0-9]{10,}", "gitleaks"),
    ("k_test_", 18, "a Stripe key", r"[rs]k_test_[A-Za-z0-9]{10,}", "gitleaks"),
    ("whsec_", 38, "a webhook secret", r"whsec_[A-Za-z0-9+/]{32,}", "gitleaks"),
    ("shp", 38, "a Shopify token", r"shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}", "gitleaks"),
    ("EAAA", 64, "a Square token", r"EAAA[\w-]{60}(?![\w+/=-])", "gitleaks"),
    ("sq0atp-", 29, "a Square token", r"sq0atp-[\w-]{22}", "gitleaks"),
    ("access_token$", 73, "a Braintree token", _BRAINTREE, "Braintree docs"),
    ("access-", 51, "a Plaid token", rf"access-(?:sandbox|development|production)-{_UUID}", "gitleaks"),
    ("key-", 36, "a Mailgun key", r"key-[0-9a-f]{32}(?![A-Za-z0-9])", "gitleaks"),
    ("xkeysib-", 89, "a Brevo key", r"xkeysib-[0-9a-f]{64}-[A-Za-z0-9]{16}", "gitleaks"),
    ("re_", 36, "a Resend key", r"re_[A-Za-z0-9]{8}_[A-Za-z0-9]{24}(?![A-Za-z0-9])", "Resend docs"),
    ("EAA", 104, "a Facebook token", r"EAA[MC][A-Za-z0-9]{100,}", "gitleaks"),
    ("sk.eyJ", 30, "a Mapbox token", r"sk\.eyJ[\w-]+\.[\w-]{22}", "Mapbox docs"),
    # -- watching
    ("dt0c01.", 96, "a Dynatrace token", r"dt0c01\.[A-Z0-9]{24}\.[A-Z0-9]{64}", "gitleaks"),
    ("NRAK-", 32, "a New Relic key", r"NRAK-[A-Z0-9]{27}", "gitleaks"),
    ("NRII-", 37, "a New Relic key", r"NRII-[\w-]{32}", "gitleaks"),
    ("glsa_", 46, "a Grafana token", r"glsa_[A-Za-z0-9]{32}_[0-9a-fA-F]{8}", "gitleaks"),
    ("glc_", 36, "a Grafana token", r"glc_[A-Za-z0-9+/]{32,}", "gitleaks"),
    ("sntrys_", 60, "a Sentry token", r"sntrys_eyJ[\w+/=-]{50,}", "gitleaks"),
    ("sntryu_", 71, "a Sentry token", r"sntryu_[0-9a-f]{64}", "gitleaks"),
    ("phx_", 44, "a PostHog key", r"phx_[A-Za-z0-9]{40,}", "PostHog docs"),
    # -- a URL with a password, also with characters that the library's detector leaves out
    ("://", 0, "a URL with a password", _URL, "RFC 3986"),
)  # fmt: skip

_AWS = r"(?:A3T[A-Z0-9]|ABIA|ACCA|AKIA|ASIA)[0-9A-Z]{16}(?![A-Za-z0-9])"
_AWS_SECRET = r"(?:aws|AWS|Aws).{0,60}?[\"'][0-9a-zA-Z/+]{40}[\"']"
_GITHUB = r"gh[opsur]_\w{36}"
_GITLAB = r"(?:gl(?:dt|ft|soat|rt|cbt|imt|ptt|agent|oas)-|GR1348941)[\w-]{20,}"
_DISCORD = r"(?:[MNO][A-Za-z0-9]{3}){6}(?:[MNO][A-Za-z0-9])?\.[\w-]{6}\.[\w-]{27,}"
_JWT = r"eyJ[\w=-]{10,}\.[\w=-]{6,}(?:\.[\w.+/=-]*)?"
_SLACK_HOOK = r"https://hooks\.slack\.com/services/T\w+/B\w+/\w+"
_TWILIO = r"(?:AC|SK)[0-9a-f]{32}(?![A-Za-z0-9])"
_NPM = r"//.{1,200}/:_authToken=\s*(?:npm_\S|[A-Fa-f0-9-]{36})"

LIBRARY: tuple[Row, ...] = (
    *((needle, 20, "an AWS key", _AWS, "aws.AWSKeyDetector") for needle in ("A3T", "ABIA", "ACCA", "AKIA", "ASIA")),
    *((needle, -40, "an AWS secret key", _AWS_SECRET, "aws.AWSKeyDetector") for needle in ("aws", "AWS", "Aws")),
    ("AccountKey=", 99, "an Azure storage key", r"AccountKey=[\w+/=]{88}", "azure_storage_key.AzureStorageKeyDetector"),
    (".", 59, "a Discord token", _DISCORD, "discord.DiscordBotTokenDetector"),
    *((f"gh{kind}_", 40, "a GitHub token", _GITHUB, "github_token.GitHubTokenDetector") for kind in "opsur"),
    *(
        (needle, 25, "a GitLab token", _GITLAB, "gitlab_token.GitLabTokenDetector")
        for needle in (
            "gldt-", "glft-", "glsoat-", "glrt-", "glcbt-", "glimt-", "glptt-", "glagent-", "gloas-", "GR1348941",
        )
    ),
    ("eyJ", 20, "a JSON Web Token", _JWT, "jwt.JwtTokenDetector"),
    ("-us", 36, "a Mailchimp key", r"[0-9a-f]{32}-us[0-9]{1,2}(?![A-Za-z0-9])", "mailchimp.MailchimpDetector"),
    ("_authToken", 0, "an npm token", _NPM, "npm.NpmDetector"),
    ("T3BlbkFJ", 31, "an OpenAI key", r"sk-[\w-]*T3BlbkFJ[A-Za-z0-9]{20}", "openai.OpenAIDetector"),
    ("pypi-AgE", 78, "a PyPI token", r"pypi-AgE[\w-]{70,}", "pypi_token.PypiTokenDetector"),
    ("SG.", 69, "a SendGrid key", r"SG\.[\w-]{22}\.[\w-]{43}", "sendgrid.SendGridDetector"),
    ("xox", 15, "a Slack token", r"xox[abposr]-(?:[0-9]+-)+[A-Za-z0-9]{8,}", "slack.SlackDetector"),
    ("hooks.slack.com", 40, "a Slack webhook", _SLACK_HOOK, "slack.SlackDetector"),
    ("sq0csp-", 50, "a Square secret", r"sq0csp-[\w-]{43}", "square_oauth.SquareOAuthDetector"),
    (":A", 44, "a Telegram token", r"[0-9]{8,10}:A[\w-]{34}(?![\w-])", "telegram_token.TelegramBotTokenDetector"),
    *((needle, 34, "a Twilio key", _TWILIO, "twilio.TwilioKeyDetector") for needle in ("AC", "SK")),
)  # fmt: skip
"""The formats that the library knows, see `library`; the source is its detector."""
