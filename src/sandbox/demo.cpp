#include <spdlog/fmt/fmt.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <set>

#include "assistant.h"
#include "clickflow/sandbox/commands.h"
#include "clickflow/sandbox/server.h"
#include "demo_console.h"
#include "demo_parts.h"
#include "interruption.h"

namespace clickflow::sandbox {
namespace {

namespace fs = std::filesystem;

constexpr double demo_speed = 3;  // a draft takes 3 s

/// The demo: what each step needs, and the steps, in their order. A step that does not come out as it should
/// fails.
class Demo {
 public:
  Demo(DemoConsole& console, Server& server, fs::path bridge, fs::path folder, Cancellation cancellation)
      : console_(console),
        server_(server),
        bridge_(std::move(bridge)),
        folder_(std::move(folder)),
        cancellation_(std::move(cancellation)) {}

  Result<void> run();

 private:
  Result<std::unique_ptr<Assistant>> launch(const Secret& key);
  Result<Secret> make_key(std::vector<const char*> scopes, std::optional<Time> expires);
  Result<ToolReply> call(Assistant& assistant, const std::string& tool, const Json& arguments) {
    return use_tool(console_, assistant, tool, arguments);
  }
  Result<ToolReply> follow(Assistant& assistant, const std::string& workflow);

  Result<void> initialize(Assistant& assistant) { return greet(console_, assistant); }
  Result<void> list_tools(Assistant& assistant);
  Result<void> confirm_organization(Assistant& assistant);
  Result<void> draft(Assistant& assistant);
  Result<void> lack_scope();
  Result<void> use_expired_key();

  DemoConsole& console_;
  Server& server_;
  const fs::path bridge_;
  const fs::path folder_;
  const Cancellation cancellation_;
};

Result<Secret> Demo::make_key(std::vector<const char*> scopes, std::optional<Time> expires) {
  NewApiKey wanted{"Demo", "org_abc123", {}, expires};
  for (const char* scope : scopes) wanted.scopes.push_back(*mcp::Scope::parse(scope));
  auto made = server_.keys().create(wanted);
  if (!made) return tl::make_unexpected(made.error());
  return made->secret;
}

Result<std::unique_ptr<Assistant>> Demo::launch(const Secret& key) {
  console_.says(fmt::format("CLICKFLOW_URL={} CLICKFLOW_API_KEY={}… {}", server_.mcp_url(),
                            key.expose().substr(0, 10), bridge_.filename().string()));
  auto environment = environment_in(folder_);
  environment["CLICKFLOW_URL"] = server_.mcp_url();
  environment["CLICKFLOW_API_KEY"] = std::string(key.expose());
  return Assistant::launch({bridge_, environment, bridge_log_in(folder_), cancellation_});
}

Result<void> Demo::list_tools(Assistant& assistant) {
  const auto names = tool_names(console_, assistant);
  if (!names) return tl::make_unexpected(names.error());
  for (const char* name : {"platform_list_organizations", "platform_switch_organization",
                           "platform_create_roadmap_item", "platform_list_roadmap_items",
                           "platform_get_roadmap_item", "workflows_get_status", "workflows_resume"}) {
    if (!names->contains(name)) return wrong(fmt::format("The tool {} is not in the list.", name));
  }
  console_.note(
      "The bridge shows platform_list_roadmap_items where ClickFlow says platform.list_roadmap_items:");
  console_.note("several assistants take no dots.");
  return {};
}

Result<void> Demo::confirm_organization(Assistant& assistant) {
  const auto list = call(assistant, "platform_list_organizations", Json::object());
  if (!list) return tl::make_unexpected(list.error());
  if (list->is_error || member(list->json, "count") != 2) return wrong("There should be two organizations.");
  const auto chosen = call(assistant, "platform_switch_organization", {{"organization_id", "org_abc123"}});
  if (!chosen) return tl::make_unexpected(chosen.error());
  if (chosen->is_error) return wrong("The organization was not accepted.");
  const auto foreign =
      call(assistant, "platform_switch_organization", {{"organization_id", "org_of_others"}});
  if (!foreign) return tl::make_unexpected(foreign.error());
  if (!foreign->is_error) return wrong("A foreign organization was accepted.");
  return {};
}

Result<ToolReply> Demo::follow(Assistant& assistant, const std::string& workflow) {
  console_.says("workflows_get_status, with progress");
  int notifications = 0;
  const auto on_notification = [&](const Json& message) {
    if (member(message, "method") != "notifications/progress") return;
    const Json params = member(message, "params");
    if (member(params, "progressToken") != "draft") return;
    ++notifications;
    console_.progress(params.value("progress", 0), params.value("message", ""));
  };
  const auto result = assistant.request("tools/call",
                                        {{"name", "workflows_get_status"},
                                         {"arguments", {{"workflow_id", workflow}}},
                                         {"_meta", {{"progressToken", "draft"}}}},
                                        on_notification);
  console_.end_progress();
  if (!result) return tl::make_unexpected(result.error());
  if (notifications < 2) return wrong("The draft reported no progress.");
  ToolReply reply;
  reply.is_error = member(*result, "isError") == true;
  reply.json = member(*result, "structuredContent");
  reply.text = member(reply.json, "status").is_string() ? reply.json.at("status").get<std::string>() : "";
  return reply;
}

Result<void> Demo::draft(Assistant& assistant) {
  console_.step("A roadmap item is created, and its draft begins");
  const auto created = call(assistant, "platform_create_roadmap_item",
                            {{"keyword", "flat white at home"},
                             {"strategy", "How-to guide"},
                             {"prompt", "For beginners. sandbox:answer_review"},
                             {"start_drafting", true}});
  if (!created) return tl::make_unexpected(created.error());
  const Json item = member(created->json, "roadmap_item_id");
  const Json workflow = member(created->json, "workflow_id");
  if (created->is_error || !item.is_string() || !workflow.is_string())
    return wrong("The draft did not begin.");
  const auto paused = follow(assistant, workflow);
  if (!paused) return tl::make_unexpected(paused.error());
  const Json review = member(paused->json, "review");
  if (paused->text != "Human Review" || member(review, "type") != "answer_review") {
    return wrong("The draft did not stop for its review.");
  }
  console_.hears(fmt::format("Human Review: {}", to_text(review)));

  console_.step("A person decides, and the draft goes on");
  const auto resumed =
      call(assistant, "workflows_resume", {{"workflow_id", workflow}, {"decision", "approve"}});
  if (!resumed) return tl::make_unexpected(resumed.error());
  if (resumed->is_error) return wrong("The review could not be answered.");
  const auto finished = follow(assistant, workflow);
  if (!finished) return tl::make_unexpected(finished.error());
  const Json output = member(finished->json, "output");
  if (finished->text != "Completed" || !member(output, "html").is_string())
    return wrong("The draft has no output.");
  console_.hears(fmt::format("Completed: \"{}\"", output.value("title", "")));
  const auto shown = call(assistant, "platform_get_roadmap_item", {{"roadmap_item_id", item}});
  if (!shown) return tl::make_unexpected(shown.error());
  if (member(shown->json, "status") != "drafted") return wrong("The item is not marked as drafted.");
  return {};
}

Result<void> Demo::lack_scope() {
  console_.step("A key that may only list is not enough to create");
  const auto key = make_key({"tools:platform.list_roadmap_items"}, std::nullopt);
  if (!key) return tl::make_unexpected(key.error());
  auto assistant = launch(*key);
  if (!assistant) return tl::make_unexpected(assistant.error());
  if (auto done = initialize(**assistant); !done) return done;
  const auto listed = call(**assistant, "platform_list_roadmap_items", {{"status", "approved"}});
  if (!listed) return tl::make_unexpected(listed.error());
  if (listed->is_error) return wrong("What the key may do was refused.");
  const auto refused = call(**assistant, "platform_create_roadmap_item", {{"keyword", "latte art"}});
  if (!refused) return tl::make_unexpected(refused.error());
  if (!refused->is_error || refused->text != "Insufficient scope: tools:platform.create_roadmap_item") {
    return wrong("The missing scope was not named.");
  }
  return (*assistant)->close();
}

// Where the bridge meets the refusal, in the handshake or in the call, is its own affair; what counts is that
// the person is told.
Result<void> Demo::use_expired_key() {
  console_.step("A key that has expired");
  const auto key = make_key({"tools:*"}, system_now() - std::chrono::hours(1));
  if (!key) return tl::make_unexpected(key.error());
  auto assistant = launch(*key);
  if (!assistant) return tl::make_unexpected(assistant.error());
  std::string told;
  if (auto done = initialize(**assistant); !done) {
    if (done.error().code != ErrorCode::rejected) return done;
    told = done.error().what;
    console_.hears_error(told);
  } else {
    const auto refused = call(**assistant, "platform_list_roadmap_items", Json::object());
    if (!refused && refused.error().code != ErrorCode::rejected) return tl::make_unexpected(refused.error());
    if (refused && !refused->is_error) return wrong("An expired key was accepted.");
    told = refused ? refused->text : refused.error().what;
    if (!refused) console_.hears_error(told);
  }
  if (told.find("key") == std::string::npos || told.find("expired") == std::string::npos) {
    return wrong("The person is not told that the key may have expired.");
  }
  return (*assistant)->close();
}

Result<void> Demo::run() {
  console_.step("An assistant launches the bridge, with a key in its environment");
  const auto key = make_key({"tools:*"}, std::nullopt);
  if (!key) return tl::make_unexpected(key.error());
  auto assistant = launch(*key);
  if (!assistant) return tl::make_unexpected(assistant.error());
  if (auto done = initialize(**assistant); !done) return done;
  console_.step("It asks what there is");
  if (auto done = list_tools(**assistant); !done) return done;
  console_.step("It confirms the organization before it changes anything");
  if (auto done = confirm_organization(**assistant); !done) return done;
  if (auto done = draft(**assistant); !done) return done;
  if (auto done = (*assistant)->close(); !done) return done;
  if (auto done = lack_scope(); !done) return done;
  return use_expired_key();
}

}  // namespace

int demo(const DemoOptions& options) {
  if (options.oauth) return oauth_demo(options);
  DemoConsole console;
  const auto begun = std::chrono::steady_clock::now();
  const Interruption interruption;
  const TemporaryFolder folder;
  ServerSettings settings;
  settings.data = folder.path();
  settings.speed = demo_speed;
  auto server = Server::start(settings);
  if (!server) {
    console.failure(server.error().message());
    return 1;
  }
  console.headline("A ClickFlow of your own listens on " + (*server)->mcp_url());
  Demo steps(console, **server, bridge_of(options), folder.path(), interruption.cancellation());
  return conclude(console, steps.run(), folder.path(), begun);
}

}  // namespace clickflow::sandbox
