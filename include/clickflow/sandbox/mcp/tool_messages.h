#pragma once

#include <functional>
#include <memory>
#include <string>

#include "clickflow/sandbox/event_stream.h"
#include "clickflow/sandbox/json.h"
#include "clickflow/sandbox/tools.h"

/// How MCP shows the tools, in all its revisions.
namespace clickflow::sandbox {

/// `newer` members are those that 2025-06-18 brought: a title, and a result that is no text.
Json describe(const Tool& tool, bool newer);
Json tool_result(const ToolAnswer& answer, bool newer);

/// The Implementation that the sandbox is, and what it tells the model.
Json server_info();
const char* server_instructions();

/// The token of a request that asks for progress; null for any other.
Json progress_token(const Json& params);

/// Reports a call's progress as notifications on its stream.
std::function<void(int percent, const std::string& message)> progress_on(std::shared_ptr<EventStream> stream,
                                                                         Json token);

/// What `answer` returns, or an error in place of an exception.
std::string guarded(const std::string& id, const std::function<std::string()>& answer);

}  // namespace clickflow::sandbox
