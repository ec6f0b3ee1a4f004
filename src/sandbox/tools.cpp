#include "clickflow/sandbox/tools.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "clickflow/sandbox/arguments.h"
#include "clickflow/sandbox/tool_functions.h"

namespace clickflow::sandbox {
namespace {

constexpr const char* reads = R"({"readOnlyHint":true,"openWorldHint":false})";
constexpr const char* adds = R"({"readOnlyHint":false,"destructiveHint":false,"openWorldHint":false})";
constexpr const char* sets =
    R"({"readOnlyHint":false,"destructiveHint":false,"idempotentHint":true,"openWorldHint":false})";

constexpr const char* no_arguments = R"({"type":"object","additionalProperties":false})";

constexpr const char* create_schema = R"({
  "type": "object",
  "properties": {
    "keyword": {"type": "string", "minLength": 1, "description": "What the article should be found for"},
    "prompt": {"type": "string", "description": "Instructions for the writer"},
    "strategy": {"type": "string", "description": "The kind of article",
      "enum": ["Article", "Listicle", "How-to guide", "Case study", "News post", "Review", "Comparison", "FAQ"]},
    "scheduled_date": {"type": "string", "format": "date", "description": "ISO date, as in 2026-12-31"},
    "start_drafting": {"type": "boolean", "description": "Start the drafting workflow at once"},
    "image_generation": {"type": "string", "enum": ["stock_photos", "diagrams", "illustrations", "watercolor"]},
    "delivery_mode": {"type": "string", "enum": ["draft", "cms"]},
    "cms_connection_id": {"type": "string", "description": "Required when delivery_mode is cms"}
  },
  "required": ["keyword"],
  "additionalProperties": false
})";

constexpr const char* list_schema = R"({
  "type": "object",
  "properties": {
    "status": {"type": "string", "description": "Only items with this status",
      "enum": ["ready for review", "approved", "scheduled", "drafted", "synced", "archived"]}
  },
  "additionalProperties": false
})";

constexpr const char* resume_schema = R"({
  "type": "object",
  "properties": {
    "workflow_id": {"type": "string", "minLength": 1},
    "decision": {"type": "string", "minLength": 1,
      "description": "One that fits the review's type; the review's data lists them"}
  },
  "required": ["workflow_id", "decision"],
  "additionalProperties": false
})";

constexpr const char* organization_schema = R"({
  "type": "object",
  "properties": {"organization_id": {"type": "string", "minLength": 1, "x-mcp-header": "Organization"}},
  "required": ["organization_id"],
  "additionalProperties": false
})";

constexpr const char* item_schema = R"({
  "type": "object",
  "properties": {"roadmap_item_id": {"type": "string", "minLength": 1}},
  "required": ["roadmap_item_id"],
  "additionalProperties": false
})";

constexpr const char* workflow_schema = R"({
  "type": "object",
  "properties": {"workflow_id": {"type": "string", "minLength": 1}},
  "required": ["workflow_id"],
  "additionalProperties": false
})";

constexpr const char* topic_schema = R"({
  "type": "object",
  "properties": {"topic": {"type": "string", "minLength": 1}},
  "required": ["topic"],
  "additionalProperties": false
})";

}  // namespace

const std::vector<Tool>& all_tools() {
  static const std::vector<Tool> tools{
      {"platform.list_organizations", "List organizations",
       "Lists the organizations that you can work in. Call this first, and confirm the organization with the "
       "person: "
       "work done in the wrong one cannot be undone.",
       no_arguments, reads, list_organizations, "GET", "/v1/api/organizations"},
      {"platform.switch_organization", "Switch organization",
       "Makes all later calls of this session work in another organization. Confirm it with the person "
       "first.",
       organization_schema, sets, switch_organization, "POST", "/v1/api/switch-organization"},
      {"platform.create_roadmap_item", "Create roadmap item",
       "Adds an article to the roadmap. With start_drafting it also starts the drafting workflow; follow "
       "that with "
       "workflows.get_status.",
       create_schema, adds, create_roadmap_item, "POST", "/v1/api/roadmap-items"},
      {"platform.list_roadmap_items", "List roadmap items", "Lists the articles on the roadmap.", list_schema,
       reads, list_roadmap_items, "GET", "/v1/api/roadmap-items"},
      {"platform.get_roadmap_item", "Get roadmap item", "Shows one article of the roadmap.", item_schema,
       reads, get_roadmap_item},
      {"workflows.get_status", "Get workflow status",
       "Says how far a workflow has got, and has its output once it is completed. Asked for progress, it "
       "follows the "
       "workflow until it ends or waits for a human review.",
       workflow_schema, reads, get_workflow_status, "GET", "/v1/api/workflows/{workflow_id}/status"},
      {"workflows.resume", "Resume workflow",
       "Lets a workflow go on that waits for a human review, with the decision that the person made.",
       resume_schema, adds, resume_workflow},
      {"agents.suggest_keywords", "Suggest keywords",
       "Suggests keywords for a topic. An agent of this organization.", topic_schema, reads, suggest_keywords,
       nullptr, nullptr, "org_xyz789"},
      {"sandbox.review_workflow", "Review workflow (sandbox only)",
       "Asks the person for the decision that a workflow waits for, and lets it go on. ClickFlow has no such "
       "tool.",
       workflow_schema, adds, review_workflow, nullptr, nullptr, nullptr, true},
  };
  return tools;
}

std::vector<const Tool*> tools_of(std::string_view organization, bool with_asking) {
  std::vector<const Tool*> found;
  for (const Tool& tool : all_tools()) {
    if (tool.asks_person && !with_asking) continue;
    if (!tool.organization || tool.organization == organization) found.push_back(&tool);
  }
  return found;
}

const Tool* find_tool(std::string_view name, std::string_view organization, bool with_asking) {
  const auto tools = tools_of(organization, with_asking);
  const auto found =
      std::find_if(tools.begin(), tools.end(), [&](const Tool* tool) { return tool->name == name; });
  return found == tools.end() ? nullptr : *found;
}

ToolAnswer foreign_organization() {
  return {ToolAnswer::Kind::foreign_organization,
          one_field("error", "Organization not found or you don't have access")};
}

ToolAnswer call_tool(const Tool& tool, ToolCall& call, const Json& arguments) {
  using Kind = ToolAnswer::Kind;
  if (!call.caller.person->is_member_of(call.organization)) return foreign_organization();
  if (!call.caller.may_call(tool.name)) {
    return {Kind::insufficient_scope, "Insufficient scope: " + mcp::scope_for(tool.name)};
  }
  if (auto problem = problem_with(arguments, parse_json(tool.input_schema))) return {Kind::invalid, *problem};
  return tool.run(call, arguments);
}

std::string organization_for(const Caller& caller, const std::string& header,
                             const std::string& switched_to) {
  if (!header.empty()) return header;
  return switched_to.empty() ? caller.organization : switched_to;
}

}  // namespace clickflow::sandbox
