#pragma once

/// The part of Boost.Process that reads and sets this process's variables; boost_process.h says what is
/// special.
#if __has_include(<boost/process/v1/environment.hpp>)
#include <boost/process/v1/environment.hpp>
#else
#include <boost/process/environment.hpp>
#endif
