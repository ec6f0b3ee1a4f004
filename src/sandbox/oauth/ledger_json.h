#pragma once

#include "clickflow/sandbox/json.h"
#include "clickflow/sandbox/oauth/ledger.h"

namespace clickflow::sandbox {

Json to_json(const LedgerBook& book);

/// Throws std::exception where it is none.
LedgerBook book_from_json(const Json& json);

}  // namespace clickflow::sandbox
