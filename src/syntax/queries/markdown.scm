; Sections of Markdown, named by their headings.
(section . (atx_heading heading_content: (inline) @name)) @container.section
(section . (setext_heading heading_content: (paragraph) @name)) @container.section
