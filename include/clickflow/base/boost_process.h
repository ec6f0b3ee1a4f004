#pragma once

/// Boost.Process's first API. (The second, up to Boost 1.88, flushes our stdout in a child that could not
/// start, and with it writes half a message into the host's pipe.) Newer Boosts keep the first in a folder of
/// its own; BOOST_PROCESS_VERSION=1, set for the whole build, keeps its names where they were. The first
/// two come first: on Windows each leans on what those before it include.
#if __has_include(<boost/process/v1/child.hpp>)
#include <boost/process/v1/async_pipe.hpp>

#include <boost/process/v1/io.hpp>

#include <boost/process/v1/args.hpp>
#include <boost/process/v1/child.hpp>
#include <boost/process/v1/env.hpp>
#include <boost/process/v1/environment.hpp>
#include <boost/process/v1/error.hpp>
#include <boost/process/v1/exe.hpp>
#include <boost/process/v1/extend.hpp>
#include <boost/process/v1/handles.hpp>
#include <boost/process/v1/pipe.hpp>
#include <boost/process/v1/search_path.hpp>
#else
#include <boost/process/async_pipe.hpp>

#include <boost/process/io.hpp>

#include <boost/process/args.hpp>
#include <boost/process/child.hpp>
#include <boost/process/env.hpp>
#include <boost/process/environment.hpp>
#include <boost/process/error.hpp>
#include <boost/process/exe.hpp>
#include <boost/process/extend.hpp>
#include <boost/process/handles.hpp>
#include <boost/process/pipe.hpp>
#include <boost/process/search_path.hpp>
#endif
