// Escaping is the writers' business alone, so that no text can get out of its place.
#include "rpc/page_writer.hpp"

#include <utility>

namespace pep::rpc {

Rich::Rich(std::string_view prose) { add(prose); }

Rich& Rich::add(std::string_view prose) {
    bool in_code = false;
    for (;;) {
        const auto tick = prose.find('`');
        // No pieces without text: prose may begin or end with a tick.
        if (tick != 0 && !prose.empty())
            pieces_.push_back(
                {in_code ? Kind::code : Kind::text, std::string(prose.substr(0, tick)), {}}
            );
        if (tick == std::string_view::npos)
            return *this;
        prose.remove_prefix(tick + 1);
        in_code = !in_code;
    }
}

Rich& Rich::code(std::string_view text) {
    pieces_.push_back({Kind::code, std::string(text), {}});
    return *this;
}

Rich& Rich::strong(std::string_view text) {
    pieces_.push_back({Kind::strong, std::string(text), {}});
    return *this;
}

Rich& Rich::link(std::string_view text, std::string_view anchor) {
    pieces_.push_back({Kind::text, std::string(text), std::string(anchor)});
    return *this;
}

// Pieces are added, not merged: two texts in a row look like one.
Rich& Rich::append(const Rich& other) {
    pieces_.insert(pieces_.end(), other.pieces_.begin(), other.pieces_.end());
    return *this;
}

namespace {

/// As GitHub reads it: with tables, and with anchors as HTML, since headings have none to choose.
class Markdown final : public PageWriter {
  public:
    void heading(int level, std::string_view text, std::string_view anchor) override {
        // The title needs no anchor: the page begins there.
        if (level > 1)
            out_ += "<a id=\"" + std::string(anchor) + "\"></a>\n\n";
        out_ += std::string(static_cast<std::size_t>(level), '#') + " " + escaped(text) + "\n\n";
    }

    void paragraph(const Rich& text) override { out_ += line(text) + "\n\n"; }

    void list(const std::vector<Rich>& items) override {
        for (const auto& item : items)
            out_ += "- " + line(item) + "\n";
        out_ += "\n";
    }

    void table(const Row& head, const std::vector<Row>& rows) override {
        write_row(head);
        out_ += "|";
        // Without the line of dashes it would be text with bars in it.
        for (std::size_t i = 0; i < head.size(); ++i)
            out_ += "---|";
        out_ += "\n";
        for (const auto& row : rows)
            write_row(row);
        out_ += "\n";
    }

    /// Nothing means anything between the fences, so nothing is escaped.
    void block(std::string_view text) override {
        out_ += "```json\n" + std::string(text) + "\n```\n\n";
    }

    /// Markdown needs no end.
    std::string finish() override { return std::move(out_); }

  private:
    /// '|' would end a table cell, the others would mean something.
    /// Backticks and underscores pass: between the former is code, and names have the latter.
    static std::string escaped(std::string_view text) {
        std::string out;
        for (const char c : text) {
            if (c == '|' || c == '<' || c == '*' || c == '\\' || c == '[')
                out += '\\';
            out += c == '\n' ? ' ' : c;
        }
        return out;
    }

    /// Within code only '|' means something, and only in tables.
    static std::string code_escaped(std::string_view text) {
        std::string out;
        for (const char c : text) {
            if (c == '|')
                out += '\\';
            out += c;
        }
        return out;
    }

    /// Text and code with their marks; what leads somewhere becomes a link around both.
    static std::string line(const Rich& rich) {
        std::string out;
        for (const auto& piece : rich.pieces()) {
            std::string text = piece.kind == Rich::Kind::code ? "`" + code_escaped(piece.text) + "`"
                                                              : escaped(piece.text);
            if (piece.kind == Rich::Kind::strong)
                text = "**" + text + "**";
            out += piece.anchor.empty() ? text : "[" + text + "](#" + piece.anchor + ")";
        }
        return out;
    }

    /// Every cell stands between bars, so an empty one keeps its place.
    void write_row(const Row& row) {
        out_ += "|";
        for (const auto& cell : row)
            out_ += " " + line(cell) + " |";
        out_ += "\n";
    }

    std::string out_;
};

/// Colours have names, so that dark and light differ in these alone.
constexpr std::string_view html_style = R"(
:root{color-scheme:light dark;--text:#1c2024;--back:#fff;--soft:#f3f5f7;--line:#d5dae0;--link:#0b5cad}
@media(prefers-color-scheme:dark){:root{--text:#e4e7eb;--back:#15181c;--soft:#20252b;--line:#3a424b;--link:#7cb7ff}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:62rem;padding:1rem;color:var(--text);background:var(--back);font:1rem/1.5 system-ui,sans-serif}
a{color:var(--link)}
h2{margin-top:3rem;border-bottom:1px solid var(--line)}
h3{margin-top:2.2rem;font-family:ui-monospace,monospace;overflow-wrap:anywhere}
:is(h1,h2,h3) a{color:inherit;text-decoration:none}
:is(h1,h2,h3) a:hover{text-decoration:underline}
code,pre{font:.875rem/1.45 ui-monospace,monospace;background:var(--soft);border-radius:.25rem}
code{padding:.1rem .25rem;overflow-wrap:anywhere}
pre{padding:.75rem;overflow:auto;max-height:32rem}
.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%}
th,td{padding:.3rem .6rem;border:1px solid var(--line);text-align:left;vertical-align:top}
th{background:var(--soft)}
)";

/// Elements in the order of the calls; the title opens the page, finish() closes it.
class Html final : public PageWriter {
  public:
    void heading(int level, std::string_view text, std::string_view anchor) override {
        if (level == 1)
            out_ = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                   "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                   "<title>" +
                   escaped(text) + "</title>\n<style>" + std::string(html_style) +
                   "</style>\n</head>\n<body>\n";
        const std::string element = "h" + std::to_string(level);
        const std::string id = escaped(anchor);
        // A heading leads to itself, so that its address can be copied.
        out_ += "<" + element + " id=\"" + id + "\"><a href=\"#" + id + "\">" + escaped(text) +
                "</a></" + element + ">\n";
    }

    void paragraph(const Rich& text) override { out_ += "<p>" + line(text) + "</p>\n"; }

    void list(const std::vector<Rich>& items) override {
        out_ += "<ul>\n";
        for (const auto& item : items)
            out_ += "<li>" + line(item) + "</li>\n";
        out_ += "</ul>\n";
    }

    void table(const Row& head, const std::vector<Row>& rows) override {
        // What scrolls sideways gets the focus: else a keyboard could not reach its end.
        out_ += "<div class=\"wide\" tabindex=\"0\">\n<table>\n<thead>\n";
        write_row(head, "th");
        out_ += "</thead>\n<tbody>\n";
        for (const auto& row : rows)
            write_row(row, "td");
        out_ += "</tbody>\n</table>\n</div>\n";
    }

    void block(std::string_view text) override {
        out_ += "<pre tabindex=\"0\">" + escaped(text) + "</pre>\n";
    }

    std::string finish() override { return std::move(out_) + "</body>\n</html>\n"; }

  private:
    /// For text as well as for attributes in double quotes.
    static std::string escaped(std::string_view text) {
        std::string out;
        for (const char c : text) {
            switch (c) {
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '&':
                out += "&amp;";
                break;
            case '"':
                out += "&quot;";
                break;
            default:
                out += c;
            }
        }
        return out;
    }

    /// As of Markdown, in elements. What leads somewhere encloses its text with all marks.
    static std::string line(const Rich& rich) {
        std::string out;
        for (const auto& piece : rich.pieces()) {
            std::string text = escaped(piece.text);
            if (piece.kind == Rich::Kind::code)
                text = "<code>" + text + "</code>";
            if (piece.kind == Rich::Kind::strong)
                text = "<strong>" + text + "</strong>";
            out += piece.anchor.empty()
                       ? text
                       : "<a href=\"#" + escaped(piece.anchor) + "\">" + text + "</a>";
        }
        return out;
    }

    /// `element` is th in the head and td below it.
    void write_row(const Row& row, const std::string& element) {
        out_ += "<tr>";
        for (const auto& cell : row)
            out_ += "<" + element + ">" + line(cell) + "</" + element + ">";
        out_ += "</tr>\n";
    }

    std::string out_;
};

} // namespace

std::unique_ptr<PageWriter> markdown_writer() { return std::make_unique<Markdown>(); }

std::unique_ptr<PageWriter> html_writer() { return std::make_unique<Html>(); }

} // namespace pep::rpc
