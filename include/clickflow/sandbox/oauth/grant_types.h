#pragma once

namespace clickflow::sandbox {

inline constexpr const char* authorization_code_grant = "authorization_code";
inline constexpr const char* refresh_token_grant = "refresh_token";
inline constexpr const char* device_code_grant = "urn:ietf:params:oauth:grant-type:device_code";

inline constexpr const char* supported_grant_types[] = {authorization_code_grant, refresh_token_grant,
                                                        device_code_grant};

inline constexpr const char* client_authentication_methods[] = {"none", "client_secret_basic",
                                                                "client_secret_post"};

}  // namespace clickflow::sandbox
