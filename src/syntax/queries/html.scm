; Elements of HTML with an id, and headings.
((element (start_tag (attribute
  (attribute_name) @_attribute
  (quoted_attribute_value (attribute_value) @name)))) @container.element
  (#any-of? @_attribute "id"))
((element (start_tag (tag_name) @_tag) . (text) @name) @member.heading
  (#any-of? @_tag "h1" "h2" "h3" "h4" "h5" "h6" "title"))
