#include "catalog_json.h"

#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "clickflow/base/json.h"
#include "clickflow/mcp/json.h"

namespace clickflow::bridge {
namespace {

namespace json = mcp::json;
using std::chrono::milliseconds;

constexpr int version = 1;

constexpr std::array<std::pair<const char*, mcp::Era>, 2> eras{
    {{"legacy", mcp::Era::legacy}, {"modern", mcp::Era::modern}}};

struct Damaged {};

long long to_ms(TimePoint time) {
  return std::chrono::duration_cast<milliseconds>(time.time_since_epoch()).count();
}

TimePoint from_ms(long long ms) {
  return TimePoint(std::chrono::duration_cast<TimePoint::duration>(milliseconds(ms)));
}

template <class T>
T field(const Json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end()) throw Damaged();
  return found->get<T>();
}

// What the server said, which has to be JSON of that kind, or empty where it said nothing.
std::string said(const Json& object, const char* name, bool (*fits)(std::string_view)) {
  auto text = field<std::string>(object, name);
  if (!text.empty() && (!json::is_valid(text) || !fits(text))) throw Damaged();
  return text;
}

ListRecord read_list(mcp::List list, const Json& object) {
  ListRecord record{said(object, "result", json::is_object), from_ms(field<long long>(object, "received")),
                    field<long long>(object, "ttlMs")};
  if (mcp::elements_of(list, record.result).empty() || !mcp::next_cursor(record.result).empty())
    throw Damaged();
  return record;
}

DescriptionRecord read_description(const Json& object) {
  DescriptionRecord record{
      {said(object, "capabilities", json::is_object), said(object, "serverInfo", json::is_object),
       said(object, "instructions", json::is_string)},
      from_ms(field<long long>(object, "received")),
      field<long long>(object, "ttlMs")};
  if (record.server.capabilities.empty()) throw Damaged();
  return record;
}

ServerRecord read(const Json& document) {
  ServerRecord record;
  record.era = field<bool>(document, "modern") ? mcp::Era::modern : mcp::Era::legacy;
  record.revisions = field<std::map<std::string, std::string>>(document, "revisions");
  const auto descriptions = field<Json>(document, "descriptions");
  for (const auto& [name, era] : eras) {
    const auto found = descriptions.find(name);
    if (found != descriptions.end()) record.descriptions.emplace(era, read_description(*found));
  }
  const auto lists = field<Json>(document, "lists");
  for (const auto& names : mcp::lists) {
    const auto found = lists.find(names.member);
    if (found != lists.end()) record.lists.emplace(names.list, read_list(names.list, *found));
  }
  return record;
}

Json as_json(const DescriptionRecord& record) {
  return {{"capabilities", record.server.capabilities},
          {"serverInfo", record.server.info},
          {"instructions", record.server.instructions},
          {"received", to_ms(record.received)},
          {"ttlMs", record.ttl_ms}};
}

}  // namespace

std::string write_record(const ServerRecord& record) {
  Json lists = Json::object();
  for (const auto& [list, kept] : record.lists)
    lists[std::string(mcp::names_of(list).member)] = {
        {"received", to_ms(kept.received)}, {"ttlMs", kept.ttl_ms}, {"result", kept.result}};
  Json descriptions = Json::object();
  for (const auto& [name, era] : eras) {
    const auto found = record.descriptions.find(era);
    if (found != record.descriptions.end()) descriptions[name] = as_json(found->second);
  }
  const Json document{{"version", version},
                      {"modern", record.era == mcp::Era::modern},
                      {"revisions", record.revisions},
                      {"descriptions", std::move(descriptions)},
                      {"lists", std::move(lists)}};
  return to_text(document);
}

tl::expected<ServerRecord, RecordProblem> read_record(std::string_view text) {
  const auto damaged = tl::make_unexpected(RecordProblem::damaged);
  const Json document = parse_json(text);
  if (!document.is_object()) return damaged;
  const auto said_version = document.find("version");
  if (said_version == document.end()) return damaged;
  if (*said_version != version) return tl::make_unexpected(RecordProblem::other_version);
  try {
    return read(document);
  } catch (const Damaged&) {
    return damaged;
  } catch (const Json::exception&) {
    return damaged;
  }
}

}  // namespace clickflow::bridge
