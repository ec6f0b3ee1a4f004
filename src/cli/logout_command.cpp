#include "clickflow/auth/sign_out.h"
#include "clickflow/base/clock.h"
#include "clickflow/cli/commands.h"
#include "clickflow/cli/connection.h"
#include "clickflow/cli/output.h"

namespace clickflow::cli {
namespace {

Result<void> log_out(Connection& connection, const Settings& settings) {
  const auto vault = connection.credentials().vault();
  if (!vault) return tl::make_unexpected(vault.error());
  auto& [keychain, sessions, api_key_entry, tab_name, folder] = **vault;
  const auto signed_out =
      auth::sign_out(settings.endpoint, connection.plain_http(), *sessions, system_clock(), {});
  const auto key_removed = keychain->remove(api_key_entry);
  connection.credentials().identity_changed();
  if (!signed_out) return tl::make_unexpected(signed_out.error());
  if (!key_removed) return tl::make_unexpected(key_removed.error());

  const std::string gone = " is gone from " + keychain->description() + ".";
  if (signed_out->was_signed_in) {
    print("The sign-in" + gone);
    print(signed_out->not_revoked
              ? "The server has not revoked it, so it may count there until it expires: " +
                    printable(signed_out->not_revoked->what)
              : "The server has revoked it.");
  }
  if (*key_removed) print("The API key" + gone);
  if (!signed_out->was_signed_in && !*key_removed) print("Nobody was signed in.");
  return {};
}

}  // namespace

int logout(const Settings& settings) {
  Connection connection(settings, true);
  const auto result = log_out(connection, settings);
  if (result) return Exit::success;
  print_error(result.error());
  return Exit::failure;
}

}  // namespace clickflow::cli
