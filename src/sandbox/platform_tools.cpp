#include <spdlog/fmt/fmt.h>

#include <nlohmann/json.hpp>

#include "clickflow/sandbox/tool_functions.h"

namespace clickflow::sandbox {
namespace {

using Kind = ToolAnswer::Kind;

std::string title_of(const std::string& keyword, const std::string& strategy) {
  std::string subject = keyword;
  if (subject[0] >= 'a' && subject[0] <= 'z') subject[0] = static_cast<char>(subject[0] - ('a' - 'A'));
  if (strategy == "Listicle") return subject + ": ten things to know";
  if (strategy == "How-to guide") return subject + ", step by step";
  if (strategy == "Comparison") return subject + " compared";
  if (strategy == "FAQ") return subject + ": questions and answers";
  return subject + ": what to know";
}

// The prompt is where a person who tries the sandbox says what should happen, in words that no real prompt
// has.
DraftRequest draft_request(const ToolCall& call, const RoadmapItem& item, const std::string& prompt) {
  DraftRequest request{call.organization, item.keyword, item.title, "", false};
  for (const auto& type : review_types()) {
    if (prompt.find("sandbox:" + type) != std::string::npos) request.review = type;
  }
  request.fails = prompt.find("sandbox:fail") != std::string::npos;
  return request;
}

// An item whose workflow has got further has too.
RoadmapItem brought_up_to_date(const ToolCall& call, RoadmapItem item) {
  if (item.workflow_id.empty()) return item;
  const auto workflow = call.platform.workflows.status(item.organization, item.workflow_id);
  if (!workflow) return item;
  using State = WorkflowStatus::State;
  if (workflow->state == State::completed) item.status = item.goes_to_cms ? "synced" : "drafted";
  if (workflow->state == State::failed) item.status = "ready for review";
  return item;
}

Json to_json(const RoadmapItem& item) {
  Json json{{"_id", item.id}, {"keyword", item.keyword}, {"status", item.status}, {"title", item.title}};
  json["workflowId"] = item.workflow_id.empty() ? Json(nullptr) : Json(item.workflow_id);
  return json;
}

}  // namespace

ToolAnswer list_organizations(ToolCall& call, const Json&) {
  Json list = Json::array();
  for (const auto& organization : organizations()) {
    if (!call.caller.person->is_member_of(organization.id)) continue;
    list.push_back({{"_id", organization.id}, {"name", organization.name}, {"domain", organization.domain}});
  }
  const size_t count = list.size();
  return {Kind::done, to_text({{"organizations", std::move(list)}, {"count", count}})};
}

ToolAnswer switch_organization(ToolCall& call, const Json& arguments) {
  const std::string wanted = arguments.at("organization_id");
  const auto* organization = find_organization(wanted);
  if (organization && call.caller.person->is_member_of(wanted)) {
    call.switch_organization(wanted);
    return {Kind::done, to_text({{"organization_id", wanted}, {"name", organization->name}})};
  }
  return foreign_organization();
}

ToolAnswer create_roadmap_item(ToolCall& call, const Json& arguments) {
  RoadmapItem item;
  item.organization = call.organization;
  item.keyword = arguments.at("keyword");
  item.strategy = arguments.value("strategy", "Article");
  item.scheduled_date = arguments.value("scheduled_date", "");
  item.goes_to_cms = arguments.value("delivery_mode", "draft") == "cms";
  if (item.goes_to_cms && arguments.value("cms_connection_id", "").empty()) {
    return {Kind::invalid, "\"cms_connection_id\" is required when \"delivery_mode\" is cms."};
  }
  item.title = title_of(item.keyword, item.strategy);
  item.status = "ready for review";
  if (arguments.value("start_drafting", false)) {
    item.workflow_id =
        call.platform.workflows.start(draft_request(call, item, arguments.value("prompt", "")));
    item.status = "In Progress";
  }
  Json answer{{"roadmap_item_id", call.platform.roadmap.add(item)}};
  if (!item.workflow_id.empty()) answer["workflow_id"] = item.workflow_id;
  answer["status"] = item.status;
  return {Kind::done, to_text(answer)};
}

ToolAnswer list_roadmap_items(ToolCall& call, const Json& arguments) {
  const std::string wanted = arguments.value("status", "");
  Json items = Json::array();
  for (auto& stored : call.platform.roadmap.list(call.organization)) {
    const RoadmapItem item = brought_up_to_date(call, std::move(stored));
    if (wanted.empty() || item.status == wanted) items.push_back(to_json(item));
  }
  const size_t count = items.size();
  return {Kind::done, to_text({{"items", std::move(items)}, {"count", count}})};
}

ToolAnswer get_roadmap_item(ToolCall& call, const Json& arguments) {
  const std::string id = arguments.at("roadmap_item_id");
  auto item = call.platform.roadmap.find(call.organization, id);
  if (!item)
    return {Kind::not_found, fmt::format("There is no roadmap item \"{}\" in this organization.", id)};
  item = brought_up_to_date(call, *std::move(item));
  Json json = to_json(*item);
  json["strategy"] = item->strategy.empty() ? "Article" : item->strategy;
  if (!item->scheduled_date.empty()) json["scheduledDate"] = item->scheduled_date;
  return {Kind::done, to_text(json)};
}

ToolAnswer suggest_keywords(ToolCall&, const Json& arguments) {
  const std::string topic = arguments.at("topic");
  return {Kind::done,
          to_text({{"keywords", {"best " + topic, topic + " for beginners", topic + " checklist"}}})};
}

}  // namespace clickflow::sandbox
