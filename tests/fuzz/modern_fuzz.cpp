#include "clickflow/http/headers.h"
#include "clickflow/mcp/input_request.h"
#include "clickflow/mcp/json.h"
#include "clickflow/mcp/json_edit.h"
#include "clickflow/mcp/request_meta.h"
#include "clickflow/mcp/revision.h"
#include "clickflow/mcp/server_description.h"
#include "remote/header_annotations.h"
#include "remote/request_headers.h"
#include "require.h"

namespace mcp = clickflow::mcp;
namespace json = clickflow::mcp::json;
namespace remote = clickflow::remote;

namespace {

// What is changed in valid JSON is valid, and says what it was changed to.
void check_changes(std::string_view object) {
  const std::string with = json::with_member(object, "name", "[1]");
  require(json::is_valid(with) && json::member(with, "name") == "[1]");
  const std::string without = json::without_member(object, "name");
  require(json::is_valid(without) && !json::member(without, "name"));
  const std::string tagged = mcp::with_meta(object, mcp::meta::log_level, "\"info\"");
  require(json::is_valid(tagged) && json::member(mcp::meta_of(tagged), mcp::meta::log_level) == "\"info\"");
  require(json::is_valid(mcp::with_meta(tagged, mcp::meta::log_level, "")));
}

void check_results(std::string_view result) {
  for (const auto& question : mcp::input_requests_in(result)) {
    require(json::is_valid(question.key) && (question.params.empty() || json::is_valid(question.params)));
    (void)mcp::is_taken_by(result, question.method, question.params);
  }
  const auto server = mcp::ServerDescription::of(result);
  require(json::is_valid(server.initialize_result("2025-11-25", true)));
  require(json::is_valid(server.discover_result(0, true)));
}

// Whatever a tool wants to see and a call says, a header can hold it.
void check_headers(const mcp::Message& message) {
  const auto revision = mcp::RequestMeta(message).revision;
  if (!clickflow::http::is_valid_value(message.method()) ||
      (json::is_string(revision) && !clickflow::http::is_valid_value(json::decode(revision))))
    return;
  const auto parameters = remote::annotated_parameters(message.param("inputSchema"));
  clickflow::http::Headers headers;
  remote::mirror(message, parameters ? *parameters : std::vector<remote::ParameterHeader>(), headers);
  for (const auto& [name, value] : headers)
    require(clickflow::http::is_valid_name(name) && clickflow::http::is_valid_value(value));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto message = mcp::Message::parse(std::string(reinterpret_cast<const char*>(data), size));
  if (!message) return 0;
  (void)mcp::era_of(*message);
  if (json::is_object(message->params())) check_changes(message->params());
  if (json::is_object(message->result())) check_results(message->result());
  if (message->is_request()) check_headers(*message);
  return 0;
}
