#include "clickflow/base/json.h"

#include <map>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

namespace clickflow {
namespace {

/// Builds the document while the library reads the text. The library's own builder looks for each member
/// among those before it, and copies them whenever there is no room for one more: a peer could keep it busy
/// with a megabyte for half a minute, and it would leave copies of secrets behind.
class Builder {
 public:
  Json take() { return std::move(root_); }

  // What the library's reader calls; false ends the reading.
  bool null() { return add(nullptr); }
  bool boolean(bool value) { return add(value); }
  bool number_integer(Json::number_integer_t value) { return add(value); }
  bool number_unsigned(Json::number_unsigned_t value) { return add(value); }
  bool number_float(Json::number_float_t value, const std::string&) { return add(value); }
  bool string(std::string& value) { return add(std::move(value)); }
  bool binary(Json::binary_t&) { return false; }  // not in JSON

  bool start_object(size_t) { return open(); }
  bool key(std::string& name) {
    open_.back().name = std::move(name);
    return true;
  }
  bool end_object() {
    auto members = close();
    Json::object_t object;
    object.reserve(members.size());
    std::map<std::string_view, Json*> known;
    for (auto& [name, value] : members) {
      const auto [found, is_new] = known.try_emplace(name, nullptr);
      if (!is_new) {
        *found->second = std::move(value);
        continue;
      }
      // Not object.emplace(), which would look for the name.
      static_cast<Json::object_t::Container&>(object).emplace_back(name, std::move(value));
      found->second = &object.back().second;
    }
    return add(std::move(object));
  }

  bool start_array(size_t) { return open(); }
  bool end_array() {
    auto members = close();
    Json::array_t array;
    array.reserve(members.size());
    for (auto& [name, value] : members) array.push_back(std::move(value));
    return add(std::move(array));
  }

  bool parse_error(size_t, const std::string&, const Json::exception&) { return false; }

 private:
  using Members = std::vector<std::pair<std::string, Json>>;
  struct Open {
    std::string name;  // of the next member; empty in an array
    Members members;
  };

  bool open() {
    if (open_.size() == max_json_depth) return false;
    open_.emplace_back();
    return true;
  }
  Members close() {
    Members members = std::move(open_.back().members);
    open_.pop_back();
    return members;
  }
  bool add(Json value) {
    if (open_.empty()) {
      root_ = std::move(value);
    } else {
      open_.back().members.emplace_back(std::exchange(open_.back().name, {}), std::move(value));
    }
    return true;
  }

  Json root_;
  std::vector<Open> open_;
};

constexpr auto replace = Json::error_handler_t::replace;

}  // namespace

Json parse_json(std::string_view text) {
  Builder builder;
  return Json::sax_parse(text, &builder) ? builder.take() : Json(Json::value_t::discarded);
}

std::string to_text(const Json& json) {
  return json.dump(-1, ' ', false, replace);
}

std::string to_readable_text(const Json& json) {
  return json.dump(2, ' ', false, replace);
}

std::string to_sorted_text(const Json& json) {
  return nlohmann::json(json).dump(-1, ' ', false, replace);
}

}  // namespace clickflow
