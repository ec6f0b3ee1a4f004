#pragma once

#include <string_view>
#include <utility>
#include <vector>

namespace clickflow::auth {

/// What a person finds in the browser tab at the end of a sign-in.
enum class CallbackPage {
  signed_in,
  received,  ///< the answer arrived; whether it was good is said elsewhere
  declined,  ///< the person, or a rule of the organization, said no
  failed,
  wrong_hit,  ///< not the answer of a sign-in of ours
};

/// The page as HTML: constant, so that nothing a request holds can get into it. Loads nothing, runs nothing.
std::string_view html(CallbackPage page);

/// What goes with each of them, and with every other answer of the listener.
const std::vector<std::pair<std::string_view, std::string_view>>& callback_page_headers();

}  // namespace clickflow::auth
