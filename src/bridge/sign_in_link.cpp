#include "clickflow/bridge/sign_in_link.h"

#include "clickflow/mcp/input_request.h"
#include "clickflow/mcp/json.h"
#include "clickflow/mcp/json_edit.h"
#include "clickflow/mcp/request_meta.h"

namespace clickflow::bridge {
namespace {

namespace json = mcp::json;

// Says only that the link was shown, so nothing is won by making it up.
constexpr std::string_view state = "clickflow-mcp/sign-in";
constexpr std::string_view key = "sign-in";

}  // namespace

bool takes_sign_in_link(const mcp::Message& call) {
  return call.param("requestState").empty() && call.param("inputResponses").empty() &&
         mcp::is_taken_by(mcp::RequestMeta(call).client_capabilities, "elicitation/create",
                          R"({"mode":"url"})");
}

std::string sign_in_link_result(std::string_view link) {
  const auto params = json::ObjectText()
                          .add("mode", R"("url")")
                          .add("url", json::encode(link))
                          .add("message", R"("Sign in to ClickFlow in your browser.")")
                          .text();
  const auto request =
      json::ObjectText().add("method", R"("elicitation/create")").add("params", params).text();
  return mcp::make_input_required(json::ObjectText().add(key, request).text(), state);
}

std::optional<AfterLink> after_sign_in_link(const mcp::Message& request) {
  if (!json::says(request.param("requestState"), state)) return {};
  const auto response = json::member(request.param("inputResponses"), key).value_or("{}");
  const bool agreed = json::member(response, "action") == R"("accept")";
  const auto params =
      json::without_member(json::without_member(request.params(), "requestState"), "inputResponses");
  return AfterLink{agreed, mcp::with_params(request, params)};
}

}  // namespace clickflow::bridge
