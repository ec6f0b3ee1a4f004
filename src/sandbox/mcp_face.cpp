#include "clickflow/sandbox/mcp_face.h"

#include "clickflow/mcp/json.h"
#include "clickflow/mcp/request_meta.h"
#include "clickflow/mcp/revision.h"

namespace clickflow::sandbox {
namespace {

constexpr const char* version_header = "mcp-protocol-version";

bool names_modern_revision(const Request& request) {
  const std::string& version = request.header(version_header);
  return !version.empty() && mcp::era_of_revision(version) != mcp::Era::legacy;
}

// By the header, then by what the request says of itself. A revision that nobody knows is modern: that is
// where it is told what there is.
mcp::Era era_of(const Posting& posting) {
  if (names_modern_revision(posting.request)) return mcp::Era::modern;
  if (!posting.message || !posting.message->is_request()) return mcp::Era::legacy;
  const mcp::Message& message = *posting.message;
  const std::string_view revision = mcp::RequestMeta(message).revision;
  if (message.method() == "initialize") return mcp::Era::legacy;
  if (revision.empty()) {
    return posting.request.header(version_header).empty() ? mcp::era_of(message) : mcp::Era::legacy;
  }
  const bool is_legacy =
      mcp::json::is_string(revision) && mcp::era_of_revision(mcp::json::decode(revision)) == mcp::Era::legacy;
  return is_legacy ? mcp::Era::legacy : mcp::Era::modern;
}

}  // namespace

McpFace::McpFace(const Platform& platform, SwitchedOrganizations& switched, const McpSettings& settings)
    : protocol_(settings.protocol),
      legacy_(platform, threads_),
      modern_(platform, switched, threads_, settings) {}

McpFace::~McpFace() {
  stop();
}

Reply McpFace::handle(const Request& request, const Caller& caller) {
  if (request.method != "POST") {
    return is_modern(request) ? ModernFace::method_not_allowed() : legacy_.handle(request, caller);
  }
  const auto posting = read_posting(request);
  if (!posting) return posting.error();
  return is_modern(*posting) ? modern_.post(*posting, caller) : legacy_.post(*posting, caller);
}

bool McpFace::is_modern(const Posting& posting) const {
  if (protocol_ != Protocol::dual) return protocol_ == Protocol::modern;
  return era_of(posting) == mcp::Era::modern;
}

// What is no POST belongs to a session, and to the legacy era with it.
bool McpFace::is_modern(const Request& request) const {
  if (protocol_ != Protocol::dual) return protocol_ == Protocol::modern;
  return names_modern_revision(request) || request.header("mcp-session-id").empty();
}

void McpFace::stop() {
  legacy_.stop();
  modern_.stop();
  threads_.stop();
}

}  // namespace clickflow::sandbox
