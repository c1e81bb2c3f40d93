<#
.SYNOPSIS
    The examples of the help pages and of the about topics, as objects.
.DESCRIPTION
    Dot-source it. Get-PageExample and Get-TopicExample yield Page, Title, Code and Text for each of them.
#>

$script:helpFolder = Join-Path (Split-Path (Split-Path $PSScriptRoot)) 'docs/en-US'

function Get-PageExample {
    foreach ($file in Get-ChildItem $helpFolder -Filter '*-*.md') {
        $text = (Get-Content -LiteralPath $file.FullName -Raw) -replace "`r"
        $pattern = '(?ms)^### (?<title>Example \d+: [^\n]+)\n+```powershell\n(?<code>.*?)\n```\n+(?<text>.*?)(?=^##)'
        foreach ($match in [regex]::Matches($text, $pattern)) {
            [pscustomobject]@{
                Page  = $file.BaseName
                Title = $match.Groups['title'].Value
                Code  = $match.Groups['code'].Value
                Text  = $match.Groups['text'].Value -replace '\s+', ' '
            }
        }
    }
}

# Code is indented by eight columns, after an empty line.
function Get-TopicExample {
    foreach ($file in Get-ChildItem $helpFolder -Filter 'about_*.help.txt') {
        $text = (Get-Content -LiteralPath $file.FullName -Raw) -replace "`r"
        $number = 0
        foreach ($match in [regex]::Matches($text, '(?m)(?<=^\n)(?: {8}[^\n]+\n)+')) {
            $number++
            [pscustomobject]@{
                Page  = $file.Name -replace '\.help\.txt$'
                Title = "Example $number"
                Code  = $match.Value.TrimEnd() -replace '(?m)^ {8}'
                Text  = ''
            }
        }
    }
}

function Get-ExampleAst {
    param([Parameter(Mandatory)] [string] $Code)

    $mistakes = $null
    $ast = [Management.Automation.Language.Parser]::ParseInput($Code, [ref]$null, [ref]$mistakes)
    if ($mistakes) {
        throw "$($mistakes[0].Message): $Code"
    }

    $ast
}
