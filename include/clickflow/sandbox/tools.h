#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "clickflow/base/cancellation.h"
#include "clickflow/sandbox/account.h"
#include "clickflow/sandbox/json.h"
#include "clickflow/sandbox/roadmap.h"
#include "clickflow/sandbox/workflows.h"

namespace clickflow::sandbox {

/// What the tools work on. It outlives every call.
struct Platform {
  Roadmap& roadmap;
  Workflows& workflows;
};

/// One call, on whichever face it came in.
struct ToolCall {
  Platform platform;
  Caller caller;
  std::string organization;  ///< in which it runs
  std::function<void(const std::string& organization)> switch_organization;
  /// Takes progress in percent, rising, and what is being done. Empty where nobody listens: then a call
  /// answers at once, and otherwise it may follow a workflow for as long as that runs.
  std::function<void(int percent, const std::string& message)> report;
  Cancellation cancellation;
  /// The answers to what the call asked when it was made before (2026-07-28, "Multi Round-Trip Requests"):
  /// JSON, a map of the client's results. Empty where there are none.
  std::string input_responses{};
};

struct ToolAnswer {
  enum class Kind { done, invalid, not_found, conflict, insufficient_scope, foreign_organization, asks };
  Kind kind = Kind::done;
  /// With `done` and `foreign_organization` JSON, else a sentence. Both faces show it as it is. With `asks`
  /// the questions, a map of requests as JSON.
  std::string text;
};

/// A tool as MCP lists it and as REST routes it.
struct Tool {
  const char* name;
  const char* title;
  const char* description;
  const char* input_schema;  ///< JSON Schema, as text
  const char* annotations;   ///< as text
  ToolAnswer (*run)(ToolCall& call, const Json& arguments);
  const char* rest_method = nullptr;   ///< null where REST does not have it
  const char* rest_path = nullptr;     ///< `{name}` stands for a segment that is the argument of this name
  const char* organization = nullptr;  ///< the only organization that has it; null where all have
  /// May answer with `asks`, which only modern MCP can carry. Such a tool is the sandbox's own, for tests.
  bool asks_person = false;
};

const std::vector<Tool>& all_tools();

/// Those that an organization has, in a fixed order; with those that ask a person or without.
std::vector<const Tool*> tools_of(std::string_view organization, bool with_asking = false);

/// Null where that organization has no such tool.
const Tool* find_tool(std::string_view name, std::string_view organization, bool with_asking = false);

/// Refuses an organization that is not there or not the caller's: the same answer, so that nobody learns
/// which.
ToolAnswer foreign_organization();

/// Checks the organization, the scope and the arguments, in this order, then runs the tool.
ToolAnswer call_tool(const Tool& tool, ToolCall& call, const Json& arguments);

/// The organization in which a call runs: what `X-Organization-Id` says, else what the session was switched
/// to, else the caller's own.
std::string organization_for(const Caller& caller, const std::string& header, const std::string& switched_to);

}  // namespace clickflow::sandbox
