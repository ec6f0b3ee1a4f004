#pragma once

#include "clickflow/sandbox/tools.h"

/// What the tools do. Their arguments have been checked against the tool's schema, and the call's
/// organization and scope too.
namespace clickflow::sandbox {

ToolAnswer list_organizations(ToolCall& call, const Json& arguments);
ToolAnswer switch_organization(ToolCall& call, const Json& arguments);
ToolAnswer create_roadmap_item(ToolCall& call, const Json& arguments);
ToolAnswer list_roadmap_items(ToolCall& call, const Json& arguments);
ToolAnswer get_roadmap_item(ToolCall& call, const Json& arguments);
ToolAnswer get_workflow_status(ToolCall& call, const Json& arguments);
ToolAnswer resume_workflow(ToolCall& call, const Json& arguments);
ToolAnswer review_workflow(ToolCall& call, const Json& arguments);
ToolAnswer suggest_keywords(ToolCall& call, const Json& arguments);

}  // namespace clickflow::sandbox
