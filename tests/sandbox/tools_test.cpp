#include "clickflow/sandbox/tools.h"

#include <catch2/catch_test_macros.hpp>
#include <set>

#include "clickflow/sandbox/arguments.h"
#include "support.h"

using namespace clickflow;
using namespace clickflow::sandbox;
using Kind = ToolAnswer::Kind;

namespace {

struct Desk {
  clickflow::sandbox::testing::Hands hands;
  Roadmap roadmap;
  Workflows workflows{hands.clock(), 1};
  std::string organization = "org_abc123";
  Caller who = clickflow::sandbox::testing::caller();

  ToolAnswer run(const char* name, const char* arguments = "{}") {
    ToolCall call{{roadmap, workflows},
                  who,
                  organization,
                  [this](const std::string& wanted) { organization = wanted; },
                  {},
                  {}};
    return call_tool(*find_tool(name, "org_abc123"), call, parse_json(arguments));
  }
  Json json(const char* name, const char* arguments = "{}") {
    const ToolAnswer answer = run(name, arguments);
    INFO(answer.text);
    REQUIRE(answer.kind == Kind::done);
    return parse_json(answer.text);
  }
};

}  // namespace

TEST_CASE("Every tool has a name of its own, a schema, and annotations that are JSON") {
  std::set<std::string> names;
  for (const Tool& tool : all_tools()) {
    CAPTURE(tool.name);
    CHECK(names.insert(tool.name).second);
    CHECK(parse_json(tool.input_schema).at("type") == "object");
    CHECK(parse_json(tool.annotations).contains("readOnlyHint"));
  }
}

TEST_CASE("The seven tools of the document are there, and an organization may have one more") {
  CHECK(tools_of("org_abc123").size() == 7);
  CHECK(tools_of("org_xyz789").size() == 8);
  CHECK(find_tool("agents.suggest_keywords", "org_xyz789"));
  CHECK_FALSE(find_tool("agents.suggest_keywords", "org_abc123"));
}

TEST_CASE("Organizations are listed as the document shows them") {
  Desk desk;
  const Json answer = desk.json("platform.list_organizations");
  CHECK(answer.at("count") == 2);
  CHECK(answer.at("organizations").at(0).at("_id") == "org_abc123");
  CHECK(answer.at("organizations").at(0).contains("name"));
  CHECK(answer.at("organizations").at(0).contains("domain"));
}

TEST_CASE("A missing scope is named, whatever else is wrong with the call") {
  Desk desk;
  desk.who = clickflow::sandbox::testing::caller({"tools:platform.list_roadmap_items"});
  const auto refused = desk.run("platform.create_roadmap_item", R"({"nonsense": 1})");
  CHECK(refused.kind == Kind::insufficient_scope);
  CHECK(refused.text == "Insufficient scope: tools:platform.create_roadmap_item");
  CHECK(desk.run("platform.list_roadmap_items").kind == Kind::done);
}

TEST_CASE("No tool runs without its scope") {
  Desk desk;
  desk.who = clickflow::sandbox::testing::caller({"tools:none"});
  for (const Tool* tool : tools_of("org_abc123")) {
    CAPTURE(tool->name);
    CHECK(desk.run(tool->name).kind == Kind::insufficient_scope);
  }
}

TEST_CASE("A foreign organization is refused in the document's words") {
  Desk desk;
  desk.organization = "org_of_others";
  const auto refused = desk.run("platform.list_roadmap_items");
  CHECK(refused.kind == Kind::foreign_organization);
  CHECK(refused.text == R"({"error": "Organization not found or you don't have access"})");
  desk.organization = "org_abc123";
  CHECK(desk.run("platform.switch_organization", R"({"organization_id": "org_of_others"})").text ==
        refused.text);
  CHECK(desk.organization == "org_abc123");
}

TEST_CASE("The header names the organization first, then the session, then the key") {
  const Caller who = clickflow::sandbox::testing::caller();
  CHECK(organization_for(who, "org_header", "org_session") == "org_header");
  CHECK(organization_for(who, "", "org_session") == "org_session");
  CHECK(organization_for(who, "", "") == "org_abc123");
}

TEST_CASE("An item is created, drafted and delivered") {
  Desk desk;
  const Json plain = desk.json("platform.create_roadmap_item", R"({"keyword": "tea"})");
  CHECK(plain.size() == 2);
  CHECK(plain.at("status") == "ready for review");

  const Json created = desk.json("platform.create_roadmap_item",
                                 R"({"keyword": "tea", "start_drafting": true, "scheduled_date": "2026-12-31",
                                     "delivery_mode": "cms", "cms_connection_id": "cms_1"})");
  CHECK(created.at("status") == "In Progress");
  const std::string ask = to_text({{"workflow_id", created.at("workflow_id")}});
  desk.hands.move(std::chrono::seconds(4));
  const Json half = desk.json("workflows.get_status", ask.c_str());
  CHECK(half ==
        parse_json(R"({"status": "In Progress", "progress": 50, "currentAction": "Writing the draft"})"));

  desk.hands.move(std::chrono::seconds(5));
  const Json done = desk.json("workflows.get_status", ask.c_str());
  CHECK(done.at("status") == "Completed");
  for (const char* part : {"html", "title", "meta_description", "thumbnail_url"}) {
    CHECK(done.at("output").at(part).is_string());
  }
  const Json item = desk.json("platform.get_roadmap_item",
                              to_text({{"roadmap_item_id", created.at("roadmap_item_id")}}).c_str());
  CHECK(item.at("status") == "synced");
  CHECK(item.at("workflowId") == created.at("workflow_id"));
}

TEST_CASE("A review is answered through the tools") {
  Desk desk;
  const Json created = desk.json("platform.create_roadmap_item", R"({"keyword": "tea", "start_drafting": true,
                                                                     "prompt": "sandbox:keywords_review"})");
  const std::string id = created.at("workflow_id");
  const auto resume = [&](const char* decision) {
    return desk.run("workflows.resume", to_text({{"workflow_id", id}, {"decision", decision}}).c_str());
  };
  CHECK(resume("approve").kind == Kind::conflict);
  desk.hands.move(std::chrono::seconds(4));
  const Json waiting = desk.json("workflows.get_status", to_text({{"workflow_id", id}}).c_str());
  CHECK(waiting.at("status") == "Human Review");
  CHECK(waiting.at("review").at("type") == "keywords_review");
  CHECK(waiting.at("review").at("task_id").get<std::string>().starts_with("task_"));
  CHECK(waiting.at("review").at("data").at("decisions").size() == 3);
  CHECK(resume("skip").kind == Kind::invalid);
  CHECK(resume("approve").kind == Kind::done);
}

TEST_CASE("Items are listed for one organization, and for one status where that is asked for") {
  Desk desk;
  CHECK(desk.json("platform.list_roadmap_items").at("count") == 3);
  const Json approved = desk.json("platform.list_roadmap_items", R"({"status": "approved"})");
  REQUIRE(approved.at("count") == 1);
  const Json& item = approved.at("items").at(0);
  for (const char* field : {"_id", "keyword", "status", "title", "workflowId"}) CHECK(item.contains(field));
  desk.organization = "org_xyz789";
  CHECK(desk.json("platform.list_roadmap_items").at("count") == 1);
  CHECK(desk.run("platform.get_roadmap_item", to_text({{"roadmap_item_id", item.at("_id")}}).c_str()).kind ==
        Kind::not_found);
}

TEST_CASE("Arguments that do not fit the schema are refused with the reason") {
  Desk desk;
  const auto reason = [&](const char* arguments) {
    const auto answer = desk.run("platform.create_roadmap_item", arguments);
    CHECK(answer.kind == Kind::invalid);
    return answer.text;
  };
  CHECK(reason("{}") == "\"keyword\" is required.");
  CHECK(reason("[]") == "The arguments must be an object.");
  CHECK(reason(R"({"keyword": 3})") == "\"keyword\" must be a string.");
  CHECK(reason(R"({"keyword": ""})") == "\"keyword\" must not be empty.");
  CHECK(reason(R"({"keyword": "tea", "colour": "red"})") == "There is no argument \"colour\".");
  CHECK(reason(R"({"keyword": "tea", "start_drafting": "yes"})") ==
        "\"start_drafting\" must be true or false.");
  CHECK(reason(R"({"keyword": "tea", "scheduled_date": "tomorrow"})") ==
        "\"scheduled_date\" must be a date, as in 2026-12-31.");
  CHECK(reason(R"({"keyword": "tea", "image_generation": "oil"})") ==
        "\"image_generation\" must be one of: stock_photos, diagrams, illustrations, watercolor.");
  CHECK(reason(R"({"keyword": "tea", "delivery_mode": "cms"})") ==
        "\"cms_connection_id\" is required when \"delivery_mode\" is cms.");
}
