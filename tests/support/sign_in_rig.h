#pragma once

#include <string>

#include "clickflow/auth/code_flow.h"
#include "support/fake_authorization_server.h"
#include "support/fake_clock.h"
#include "support/fake_keychain.h"
#include "support/temporary_folder.h"

namespace clickflow::testing {

/// Everything that one sign-in at a server of ours needs, without a network. One thread.
struct SignInRig {
  const std::string issuer = "https://login.example.org";
  const std::string resource = "https://api.example.com/mcp";
  TemporaryFolder folder;
  FakeHttp http;
  FakeClock clock;
  FakeKeychain keychain;
  FakeAuthorizationServer server{http, issuer, resource};
  auth::SessionStore store{keychain, {"default", resource, ""}, folder.path()};
  auth::ClientSettings settings;

  auth::SignInRequest request(const std::string& scope) {
    return {*auth::discover(http, *Url::parse(resource), {}, "", {}), auth::ScopeSet::parse(scope)};
  }
};

}  // namespace clickflow::testing
