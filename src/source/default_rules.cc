#include "source/default_rules.h"

#include <algorithm>
#include <array>

namespace coderank {
namespace {

constexpr std::array<std::string_view, 6> kAlwaysExcluded{".git", ".hg", ".svn",
                                                          ".bzr", ".jj", ".coderank"};

constexpr std::string_view kBuiltIn = R"(
# Installed packages and caches: names that no project uses for its own sources.
node_modules/
bower_components/
__pycache__/
*.egg-info/

# Lock files: large, generated, and full of names that match any query.
package-lock.json
npm-shrinkwrap.json
yarn.lock
pnpm-lock.yaml
bun.lock
bun.lockb
deno.lock
Cargo.lock
Gemfile.lock
Pipfile.lock
Podfile.lock
composer.lock
flake.lock
gradle.lockfile
mix.lock
packages.lock.json
poetry.lock
pubspec.lock
uv.lock
go.sum

# Minified code and source maps.
*.min.js
*.min.mjs
*.min.css
*.js.map
*.mjs.map
*.cjs.map
*.css.map
*.ts.map

# Images, fonts, sound and video.
*.png
*.jpg
*.jpeg
*.gif
*.bmp
*.ico
*.icns
*.svg
*.webp
*.tif
*.tiff
*.psd
*.heic
*.avif
*.woff
*.woff2
*.ttf
*.otf
*.eot
*.mp3
*.mp4
*.m4a
*.wav
*.ogg
*.flac
*.avi
*.mov
*.mkv
*.webm

# Archives and packages.
*.zip
*.gz
*.tgz
*.bz2
*.xz
*.zst
*.7z
*.rar
*.tar
*.jar
*.war
*.ear
*.whl
*.deb
*.rpm
*.apk
*.dmg
*.iso

# Compiled code.
*.o
*.a
*.so
*.so.[0-9]*
*.dylib
*.dll
*.exe
*.lib
*.obj
*.class
*.pyc
*.pyo
*.pyd
*.wasm
*.ko
*.pdb
*.rlib

# Documents and data that are not text.
*.pdf
*.doc
*.docx
*.xls
*.xlsx
*.ppt
*.pptx
*.odt
*.sqlite
*.sqlite3
*.db
*.parquet
*.npy
*.npz
*.pkl
*.pickle
*.pth
*.onnx
*.safetensors
*.gguf
*.h5
*.tflite
)";

// In lower case. A key pair "id_rsa_work" is a secret, "id_rsa_parser.py" is not.
constexpr std::string_view kSecrets = R"(
.env*
!.env.example
!.env.sample
!.env.template
!.env.*.example
!.env.*.sample
!.env.*.template
id_rsa*
id_dsa*
id_ecdsa*
id_ed25519*
!id_rsa*.*
!id_dsa*.*
!id_ecdsa*.*
!id_ed25519*.*
id_*.pub
id_*.bak
id_*.old
*.pem
*.key
*.p12
*.pfx
*.pkcs12
*.keystore
*.jks
*.ppk
*.kdbx
*.tfstate
*.tfstate.*
.netrc
_netrc
.npmrc
.pypirc
.pgpass
.my.cnf
.htpasswd
.dockercfg
.boto
.s3cfg
.terraformrc
.vault-token
.git-credentials
credentials.json
application_default_credentials.json
client_secret*.json
service-account*.json
service_account*.json
**/.aws/credentials
**/.aws/config
**/.cargo/credentials
**/.cargo/credentials.toml
**/.docker/config.json
**/.kube/config
.ssh/
.gnupg/
)";

}  // namespace

bool IsAlwaysExcluded(std::string_view name) {
  return std::find(kAlwaysExcluded.begin(), kAlwaysExcluded.end(), name) != kAlwaysExcluded.end();
}

IgnoreRules BuiltInRules() { return IgnoreRules::Parse(kBuiltIn, "built-in rules"); }
IgnoreRules SecretRules() { return IgnoreRules::Parse(kSecrets, "built-in secrets"); }

}  // namespace coderank
