// Writes a page for people, as Markdown or as HTML: the reference says what stands in it, a writer
// how it looks.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace pep::rpc {

/// A line of text with code and links in it.
class Rich {
  public:
    enum class Kind { text, code, strong };

    struct Piece {
        Kind kind;
        std::string text;
        std::string anchor; ///< where on this page it leads to; "": nowhere
    };

    Rich() = default;

    /// Prose, in which what stands between backticks is code.
    // NOLINTNEXTLINE(google-explicit-constructor): prose is the plain case
    Rich(std::string_view prose);

    Rich(const char* prose)
        : Rich(std::string_view{prose}) {} // NOLINT(google-explicit-constructor)

    Rich(const std::string& prose) // NOLINT(google-explicit-constructor)
        : Rich(std::string_view{prose}) {}

    Rich& add(std::string_view prose);
    Rich& code(std::string_view text);
    Rich& strong(std::string_view text);
    Rich& link(std::string_view text, std::string_view anchor);
    Rich& append(const Rich& other);

    [[nodiscard]] const std::vector<Piece>& pieces() const noexcept { return pieces_; }

  private:
    std::vector<Piece> pieces_;
};

/// Parts are appended in order; everything given is text, which the writer escapes.
class PageWriter {
  public:
    using Row = std::vector<Rich>;

    PageWriter() = default;
    PageWriter(const PageWriter&) = delete;
    PageWriter(PageWriter&&) = delete;
    PageWriter& operator=(const PageWriter&) = delete;
    PageWriter& operator=(PageWriter&&) = delete;
    virtual ~PageWriter() = default;

    /// `level` 1 is the title of the page and comes first. `anchor` is unique on the page.
    virtual void heading(int level, std::string_view text, std::string_view anchor) = 0;
    virtual void paragraph(const Rich& text) = 0;
    virtual void list(const std::vector<Rich>& items) = 0;
    virtual void table(const Row& head, const std::vector<Row>& rows) = 0;

    /// Lines of code or JSON, as they are.
    virtual void block(std::string_view text) = 0;

    /// The whole page; the writer is done then.
    [[nodiscard]] virtual std::string finish() = 0;
};

[[nodiscard]] std::unique_ptr<PageWriter> markdown_writer();

/// One file that needs no other: style inside, light and dark, for wide and narrow windows.
[[nodiscard]] std::unique_ptr<PageWriter> html_writer();

} // namespace pep::rpc
