#include <openssl/x509.h>

#include <catch2/catch_test_macros.hpp>
#include <filesystem>

#include "clickflow/base/file.h"
#include "process/support/program.h"
#include "support/certificates.h"
#include "support/says.h"
#include "support/temporary_folder.h"

using namespace clickflow::testing;

namespace {

constexpr int can_not_mount = 77;

// A call over TLS with empty folders in the place of the system's authorities and OpenSSL's, after `prepare`,
// a piece of shell.
std::string call_after(const std::string& prepare) {
  const TemporaryFolder folder;
  const auto authority = folder / "authority.pem";
  REQUIRE(clickflow::write_file(authority, Authority().pem()));
  const std::filesystem::path file = X509_get_default_cert_file();
  const std::string script = R"(
    unshare --user --map-root-user --mount true || exit 77
    exec unshare --user --map-root-user --mount sh -c '
      [ -d "$OPENSSL" ] && [ -d /etc/ssl ] || exit 77
      for folder in "$OPENSSL" /etc/ssl /etc/pki; do
        [ ! -d "$folder" ] || mount -t tmpfs none "$folder" || exit 77
      done
      mkdir -p "$OPENSSL"  # which may have been in one of the others
      )" + prepare + R"(
      exec "$0" --url https://127.0.0.1:1/mcp call search' "$0")";
  const Outcome outcome = run({"-c", script, program_path()},
                              {{"PATH", "/usr/sbin:/usr/bin:/sbin:/bin"},
                               {"CLICKFLOW_API_KEY", "cf_ak_0123456789abcdef"},
                               {"AUTHORITY", authority.string()},
                               {"OPENSSL", file.parent_path().string()},
                               {"FILE", file.string()},
                               {"FOLDER", X509_get_default_cert_dir()}},
                              "/bin/sh");
  if (outcome.exit.status == can_not_mount)
    SKIP("nothing can be mounted in the place of OpenSSL's folder: " << outcome.err);
  return outcome.err;
}

const std::string not_found = "certificate authorities can't be found";

}  // namespace

TEST_CASE("Where there are no certificate authorities, that is said, whatever folders there are for them") {
  CHECK(says(call_after(""), not_found));
  CHECK(says(call_after("mkdir -p /etc/ssl/certs $FOLDER; cp $AUTHORITY /etc/ssl/certs/authority.pem"),
             not_found));
}

TEST_CASE(
    "Certificate authorities are found where OpenSSL was configured to look and where systems keep them") {
  for (const char* prepare : {"cp $AUTHORITY $FILE", "mkdir -p $FOLDER; cp $AUTHORITY $FOLDER/0123abcd.0",
                              "cp $AUTHORITY /etc/ssl/cert.pem",
                              "mkdir -p /etc/ssl/certs; cp $AUTHORITY /etc/ssl/certs/0123abcd.0"}) {
    CAPTURE(prepare);
    const std::string said = call_after(prepare);
    CAPTURE(said);
    CHECK_FALSE(says(said, not_found));
    CHECK(says(said, "can't be reached"));
  }
}
