#pragma once

#include <string>
#include <string_view>

#include "clickflow/mcp/message.h"

/// What a host sees while nobody is signed in and nothing is known of the server.
namespace clickflow::bridge {

/// The name of the tool that stands for all others.
constexpr std::string_view sign_in_tool = "clickflow_sign_in";

/// Results, as JSON: a list of just that tool, and its success.
constexpr std::string_view sign_in_list =
    R"({"tools":[{"name":"clickflow_sign_in","title":"Sign in to ClickFlow","description":"Opens the person's browser to sign in to ClickFlow. Call it when they want to use ClickFlow; its tools appear afterwards.","inputSchema":{"type":"object","properties":{},"additionalProperties":false},"annotations":{"readOnlyHint":true,"openWorldHint":true}}]})";
constexpr std::string_view signed_in_result =
    R"({"content":[{"type":"text","text":"Signed in to ClickFlow. Its tools are available now."}]})";

bool asks_to_sign_in(const mcp::Message& message);

}  // namespace clickflow::bridge
