# SPDX-FileCopyrightText: 2026 the IGN on Kokkos authors
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Links of the documents, made for readers of the sources, as the site has them: headers are its pages, headings of another page are that
# page, headings of the same page are text, and of other sources only the name is left,
# and of documents that the site does not have only the text.
s#\]\((\.\./)?include/(ign/[a-z0-9_/]+\.hp?p?)\)#](@ref \2)#g
s#\]\((docs/)?([a-z-]+\.md)\#[a-z0-9-]+\)#](\1\2)#g
s#\[([^]]*)\]\(\#[a-z0-9-]+\)#\1#g
s#\[([^]]*)\]\((\.\./)?[a-z0-9_/]+\.(cpp|hpp|h|c|f90|py|sh|cmake)\)#`\1`#g
s#\[([^]]*)\]\((\.\./)?(benchmarks|bindings|packaging|python|tests)/[A-Za-z0-9_/.-]*(\#[a-z0-9-]+)?\)#\1#g
