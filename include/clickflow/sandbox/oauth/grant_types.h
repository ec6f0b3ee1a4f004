#pragma once

#include <algorithm>
#include <iterator>
#include <string_view>

namespace clickflow::sandbox {

inline constexpr const char* authorization_code_grant = "authorization_code";
inline constexpr const char* refresh_token_grant = "refresh_token";
inline constexpr const char* device_code_grant = "urn:ietf:params:oauth:grant-type:device_code";

inline constexpr const char* supported_grant_types[] = {authorization_code_grant, refresh_token_grant,
                                                        device_code_grant};
inline bool is_supported_grant(std::string_view type) {
  return std::find(std::begin(supported_grant_types), std::end(supported_grant_types), type) !=
         std::end(supported_grant_types);
}

inline constexpr const char* client_authentication_methods[] = {"none", "client_secret_basic",
                                                                "client_secret_post"};

}  // namespace clickflow::sandbox
